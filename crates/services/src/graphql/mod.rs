//! GraphQL: the same endpoints, asked for by a document. The schema is made of their declarations, and each field runs the whole
//! pipeline of a request (ADR 20), rate limits included. The routes have none of their own: the original declares one, and never counts it.
mod data;
mod request;
mod resolve;
mod schema;
mod types;

use graphql::{Limits, Operation};
use kernel::{Cx, Endpoint, Error, RawReply, Reply, ReplyBody, Result, endpoint};
use protocol::{Check, ErrorKind, models, params};
use serde_json::{Map, Value};

use request::Asked;
use resolve::Calls;

const JSON: &str = "application/json; charset=UTF-8";

params! {
    pub(crate) struct Get {
        query: String = "query", Check::Text { min: 0, max: 0 }, required;
        operation_name: String = "operationName", Check::Text { min: 1, max: 256 }, or Str("");
        variables: String = "variables", Check::Text { min: 1, max: 0 }, or Str("");
    }
}

endpoint! {
    /// Answers a GraphQL document that only reads.
    GET: Get "/v1/graphql" => 200 "any" by get(Get);
    sdk ["graphql.get"] auth [Admin, Session, Key, Jwt] scope ["graphql"]
}
endpoint! {
    /// Answers GraphQL documents.
    QUERY: Post "/v1/graphql" => 200 "any" by post(());
    sdk ["graphql.query"] auth [Admin, Session, Key, Jwt] scope ["graphql"]
}
endpoint! {
    /// Answers GraphQL documents, as the other route does.
    MUTATION: Post "/v1/graphql/mutation" => 200 "any" by post(());
    sdk ["graphql.mutation"] auth [Admin, Session, Key, Jwt] scope ["graphql"]
}

fn get(cx: &mut Cx<'_>, p: Get) -> Result<Reply> {
    let asked = Asked::of_query(p.query, p.operation_name, &p.variables)?;
    // What changes something is never asked for by following a link.
    if let Ok(document) = graphql::parse(&asked.query)
        && document.operation(asked.operation.as_deref()).is_some_and(|kind| kind != Operation::Query)
    {
        cx.header("Allow", "POST");
        return Err(ErrorKind::GraphqlMethodUnsupported.into());
    }
    answer(cx, vec![asked])
}

fn post(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let sent = std::mem::take(&mut cx.undeclared);
    let of_sdk = cx.request_headers().get("x-sdk-graphql") == Some("true");
    let asked = request::documents(sent, of_sdk, cx.app.settings.graphql.batch)?;
    answer(cx, asked)
}

/// Runs documents one after another; several are answered by a list.
fn answer(cx: &mut Cx<'_>, asked: Vec<Asked>) -> Result<Reply> {
    let limits = limits(cx);
    let files = std::mem::take(&mut cx.files);
    let mut calls = Calls::new(cx, files);
    let mut answers = Vec::with_capacity(asked.len());
    for one in asked {
        let operation = one.operation.as_deref();
        let response = graphql::run(&schema::SCHEMA.schema, &one.query, operation, &one.variables, &limits, &mut calls);
        answers.push(response.into_json(&one.query));
    }
    let ended = calls.end();
    let mut reply = ended.instead.unwrap_or_else(|| {
        let value = if answers.len() == 1 { answers.pop().unwrap_or_default() } else { Value::Array(answers) };
        json(&value)
    });
    reply.headers.splice(0..0, ended.headers);
    cx.status = reply.status;
    Ok(Reply::Raw(reply))
}

fn json(value: &Value) -> RawReply {
    let mut text = Vec::with_capacity(512);
    models::write_json(value, &mut text);
    RawReply { status: 200, headers: vec![("content-type".to_owned(), JSON.to_owned())], body: ReplyBody::Bytes(text.into()) }
}

fn limits(cx: &Cx<'_>) -> Limits {
    let settings = &cx.app.settings;
    let counted = |max: u64| settings.abuse.then_some(max);
    Limits {
        depth: counted(settings.graphql.depth),
        complexity: counted(settings.graphql.complexity),
        introspection: settings.graphql.introspection,
        introspection_counts: settings.production,
    }
}

/// JSON text of variables; what is none gives none.
fn variables(value: Option<&Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

fn no_query() -> Error {
    ErrorKind::GraphqlNoQuery.into()
}

/// The endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[&[&GET, &QUERY, &MUTATION]];
