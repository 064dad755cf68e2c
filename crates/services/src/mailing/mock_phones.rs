//! Phone numbers that are sent nothing and whose code is known: for tests and reviewers of apps.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use crate::project::store;
use crate::support::{Listing, object, slice};

/// Most numbers of a project.
const MOST: usize = 5_000;

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { number: String = "number", Check::Phone, required; }
}
params! {
    pub(crate) struct Set {
        number: String = "number", Check::Phone, required;
        otp: String = "otp", Check::Digits { min: 6, max: 6 }, required;
    }
}
params! {
    pub(crate) struct All {
        project_id: String = "projectId", Check::Uid, required;
        numbers: Vec<Value> = "numbers", Check::List(&Check::MockNumber, 10), required;
    }
}

endpoint! {
    /// Lists the project's mock numbers.
    LIST: Get "/v1/project/mock-phones" => 200 "mockNumberList" by list(List);
    sdk ["project.listMockPhones"] auth [Admin, Key] scope ["mocks.read"]
}
endpoint! {
    /// Adds a mock number.
    CREATE: Post "/v1/project/mock-phones" => 201 "mockNumber" by create(Set);
    sdk ["project.createMockPhone"] auth [Admin, Key] scope ["mocks.write"]
    event "mock-phones.[number].create" audit "project.mock-phone.create" on "project.mock-phone/{response.number}" groups [NotConsole]
}
endpoint! {
    /// Gets a mock number.
    GET: Get "/v1/project/mock-phones/:number" => 200 "mockNumber" by get(One);
    sdk ["project.getMockPhone"] auth [Admin, Key] scope ["mocks.read"]
}
endpoint! {
    /// Changes the code of a mock number.
    UPDATE: Put "/v1/project/mock-phones/:number" => 200 "mockNumber" by update(Set);
    sdk ["project.updateMockPhone"] auth [Admin, Key] scope ["mocks.write"]
    event "mock-phones.[number].update" audit "project.mock-phone.update" on "project.mock-phone/{response.number}" groups [NotConsole]
}
endpoint! {
    /// Removes a mock number.
    DELETE: Delete "/v1/project/mock-phones/:number" => 204 "none" by delete(One);
    sdk ["project.deleteMockPhone"] auth [Admin, Key] scope ["mocks.write"]
    event "mock-phones.[number].delete" audit "project.mock-phone.delete" on "project.mock-phone/{request.number}" groups [NotConsole]
}
endpoint! {
    /// Replaces all mock numbers of a project; a route of older clients.
    REPLACE: Patch "/v1/projects/:projectId/auth/mock-numbers" => 200 "project" by replace(All);
    sdk [] auth [Admin] scope ["projects.write"]
}

fn phone(number: &Value) -> &str {
    number.get("phone").and_then(Value::as_str).unwrap_or("")
}

fn all(cx: &Cx<'_>) -> Vec<Map<String, Value>> {
    let found = cx.project.setting("auths", "mockNumbers").as_array();
    found.into_iter().flatten().filter_map(|n| n.as_object().cloned()).collect()
}

fn one(number: Map<String, Value>) -> Reply {
    Reply::Model("mockNumber", number)
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let numbers = all(cx);
    let total = if p.total { numbers.len() as u64 } else { 0 };
    Ok(Reply::list("mockNumberList", "mockNumbers", "mockNumber", slice(cx, Listing::new(p.queries, p.total), numbers)?, total))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let found = all(cx).into_iter().find(|n| n.get("phone").and_then(Value::as_str) == Some(p.number.as_str()));
    found.map(one).ok_or_else(|| ErrorKind::MockNumberNotFound.into())
}

/// Changes the list as it is when the transaction runs.
fn change<F>(cx: &Cx<'_>, id: &str, how: F) -> Result<()>
where
    F: FnOnce(&mut Vec<Value>) -> Result<()> + Send + 'static,
{
    store::change(cx, id, "auths", move |part| {
        let mut numbers = part.get("mockNumbers").and_then(Value::as_array).cloned().unwrap_or_default();
        how(&mut numbers)?;
        part.insert("mockNumbers".into(), numbers.into());
        Ok(())
    })
}

fn create(cx: &mut Cx<'_>, p: Set) -> Result<Reply> {
    let now = cx.now().format();
    let number = object(json!({"phone": p.number, "otp": p.otp, "$createdAt": now, "$updatedAt": now}));
    let new = Value::Object(number.clone());
    change(cx, &cx.project.id, move |numbers| {
        if numbers.len() >= MOST {
            return Err(ErrorKind::MockNumberLimitExceeded.into());
        }
        if numbers.iter().any(|n| phone(n) == phone(&new)) {
            return Err(ErrorKind::MockNumberAlreadyExists.into());
        }
        numbers.push(new);
        Ok(())
    })?;
    cx.event_value("number", p.number);
    Ok(one(number))
}

fn update(cx: &mut Cx<'_>, p: Set) -> Result<Reply> {
    let now = cx.now().format();
    let wanted = p.number.clone();
    change(cx, &cx.project.id, move |numbers| {
        let found = numbers.iter_mut().find(|n| phone(n) == wanted).and_then(Value::as_object_mut).ok_or(Error::from(ErrorKind::MockNumberNotFound))?;
        found.insert("otp".into(), p.otp.into());
        found.insert("$updatedAt".into(), now.into());
        Ok(())
    })?;
    cx.event_value("number", p.number.as_str());
    let project = cx.app.project(&cx.project.id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
    let found = project.setting("auths", "mockNumbers").as_array().and_then(|a| a.iter().find(|n| phone(n) == p.number)).and_then(Value::as_object).cloned();
    found.map(one).ok_or_else(|| ErrorKind::MockNumberNotFound.into())
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let wanted = p.number.clone();
    change(cx, &cx.project.id, move |numbers| {
        let before = numbers.len();
        numbers.retain(|n| phone(n) != wanted);
        if numbers.len() == before { Err(ErrorKind::MockNumberNotFound.into()) } else { Ok(()) }
    })?;
    cx.event_value("number", p.number);
    Ok(Reply::Empty)
}

fn replace(cx: &mut Cx<'_>, p: All) -> Result<Reply> {
    let twice = p.numbers.iter().enumerate().any(|(i, n)| p.numbers.iter().take(i).any(|o| phone(o) == phone(n)));
    if twice {
        return Err(Error::with(ErrorKind::GeneralBadRequest, "Duplicate phone numbers are not allowed."));
    }
    // As older clients know them, without dates.
    let numbers: Vec<Value> = p.numbers.into_iter().map(|n| json!({"phone": phone(&n), "otp": n.get("otp").cloned().unwrap_or_default()})).collect();
    change(cx, &p.project_id, move |all| {
        *all = numbers;
        Ok(())
    })?;
    store::shown(cx, &p.project_id)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE, &REPLACE];
