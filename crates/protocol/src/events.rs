//! Event names and realtime channels.
//!
//! A template such as `databases.[databaseId].collections.[collectionId].create` becomes, with its values, all names
//! that subscribers, webhooks and functions may listen to: the concrete name, its parents, and each of these with every
//! combination of ids replaced by `*`. Order and selection are those of the reference.

/// Actions whose channels have a sibling that carries only this action.
const ACTIONS: [&str; 4] = ["create", "update", "upsert", "delete"];
/// Last or last but one part of the channels that have such siblings.
const SUFFIXED: [&str; 9] = ["documents", "rows", "files", "executions", "functions", "account", "teams", "memberships", "presences"];

/// Words of the collections vocabulary and of the tables vocabulary.
const MIRROR: [(&str, &str); 3] = [("collections", "tables"), ("documents", "rows"), ("attributes", "columns")];
/// Most ids of a template.
const MAX_IDS: usize = 3;

/// A set of ids that are starred: bit `n` is the `n`th.
type Stars = u8;
const ALL: Stars = Stars::MAX;

/// All names of an event, the concrete one first.
#[must_use]
pub fn names(template: &str, values: &[(&str, &str)]) -> Vec<String> {
    let template = Template::parse(template);
    let mut out = Vec::with_capacity(48);
    for pattern in template.patterns() {
        for stars in combinations(template.ids) {
            push_new(&mut out, filled(&pattern, values, *stars));
        }
    }
    match (template.parts.first().copied(), template.parts.get(2).copied()) {
        (Some("databases"), Some("collections" | "tables")) => mirrored(out),
        (Some("tablesdb"), _) => under_databases(out),
        _ => out,
    }
}

/// The template of an event in a database made as one of tables.
#[must_use]
pub fn of_tables_database(template: &'static str) -> &'static str {
    let Some(rest) = template.strip_prefix("databases.[databaseId].") else { return template };
    match rest {
        "collections.[collectionId].create" | "tables.[tableId].create" => "tablesdb.[databaseId].tables.[tableId].create",
        "collections.[collectionId].update" | "tables.[tableId].update" => "tablesdb.[databaseId].tables.[tableId].update",
        "collections.[collectionId].delete" | "tables.[tableId].delete" => "tablesdb.[databaseId].tables.[tableId].delete",
        "collections.[collectionId].attributes.[attributeId].create" | "tables.[tableId].columns.[columnId].create" => {
            "tablesdb.[databaseId].tables.[tableId].columns.[columnId].create"
        }
        "collections.[collectionId].attributes.[attributeId].update" | "tables.[tableId].columns.[columnId].update" => {
            "tablesdb.[databaseId].tables.[tableId].columns.[columnId].update"
        }
        "collections.[collectionId].indexes.[indexId].create" | "tables.[tableId].indexes.[indexId].create" => {
            "tablesdb.[databaseId].tables.[tableId].indexes.[indexId].create"
        }
        "collections.[collectionId].indexes.[indexId].update" | "tables.[tableId].indexes.[indexId].update" => {
            "tablesdb.[databaseId].tables.[tableId].indexes.[indexId].update"
        }
        _ => template,
    }
}

/// A template in its parts: resources and ids taking turns, then perhaps an action and a part of the resource.
struct Template<'a> {
    parts: Vec<&'a str>,
    ids: usize,
    action: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Template<'a> {
    fn parse(text: &'a str) -> Self {
        let parts: Vec<&str> = text.split('.').collect();
        let is_id = |n: &usize| parts.get(2 * n + 1).is_some_and(|p| p.starts_with('['));
        let ids = (0..MAX_IDS).take_while(is_id).count();
        let (action, detail) = (parts.get(2 * ids).copied(), parts.get(2 * ids + 1).copied());
        Self { parts, ids, action, detail }
    }

    /// The template itself and its parents, some of them twice, in the order of the reference.
    fn patterns(&self) -> Vec<Vec<&'a str>> {
        let resource = |ids: usize| self.parts.iter().take(2 * ids).copied().collect::<Vec<_>>();
        let own = resource(self.ids);
        let mut out = Vec::with_capacity(7);
        if let Some(action) = self.action {
            if self.ids > 1 {
                out.extend(self.detail.map(|detail| [own.clone(), vec![action, detail]].concat()));
            }
            out.push([own, vec![action]].concat());
            if self.ids > 1 {
                out.push(resource(self.ids));
            }
            // Also for resources below another one, as in the reference.
            out.extend(self.detail.map(|detail| [resource(1), vec![action, detail]].concat()));
        }
        out.extend((1..=self.ids).rev().map(resource));
        out
    }
}

/// Which ids are starred, in the order of the reference.
fn combinations(ids: usize) -> &'static [Stars] {
    match ids {
        0 => &[0],
        1 => &[0, ALL],
        2 => &[0, ALL, 0b10, 0b01],
        _ => &[0, ALL, 0b010, 0b011, 0b001, 0b100, 0b101, 0b110],
    }
}

fn filled(pattern: &[&str], values: &[(&str, &str)], stars: Stars) -> String {
    let mut out = String::with_capacity(96);
    let mut id = 0;
    for (i, part) in pattern.iter().enumerate() {
        if i > 0 {
            out.push('.');
        }
        match part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
            None => out.push_str(part),
            Some(name) => {
                out.push_str(if stars >> id & 1 == 1 { "*" } else { value(values, name) });
                id += 1;
            }
        }
    }
    out
}

fn value<'a>(values: &[(&str, &'a str)], name: &str) -> &'a str {
    values.iter().find(|(key, _)| *key == name).map_or("", |(_, v)| v)
}

/// The value under the name of either vocabulary.
fn either<'a>(values: &[(&str, &'a str)], names: [&str; 2]) -> &'a str {
    names.into_iter().map(|name| value(values, name)).find(|v| !v.is_empty()).unwrap_or_default()
}

fn push_new(out: &mut Vec<String>, name: String) {
    if !out.contains(&name) {
        out.push(name);
    }
}

/// Each name followed by its twin in the other vocabulary.
fn mirrored(names: Vec<String>) -> Vec<String> {
    let mut out = Vec::with_capacity(2 * names.len());
    for name in names {
        let twin = match name.split('.').nth(2) {
            Some("collections") => Some(replaced(&name, |(from, to)| (from, to))),
            Some("tables") => Some(replaced(&name, |(to, from)| (from, to))),
            _ => None,
        };
        push_new(&mut out, name);
        twin.into_iter().for_each(|twin| push_new(&mut out, twin));
    }
    out
}

/// Each name of a tables database followed by those it has under `databases`.
fn under_databases(names: Vec<String>) -> Vec<String> {
    let mut out = Vec::with_capacity(3 * names.len());
    for name in names {
        let tables = name.strip_prefix("tablesdb").map(|rest| format!("databases{rest}")).unwrap_or_default();
        let collections = replaced(&tables, |(to, from)| (from, to));
        for name in [name, collections, tables] {
            push_new(&mut out, name);
        }
    }
    out
}

/// Replaces the words at the places of resources, never an id.
fn replaced(name: &str, pair: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str)) -> String {
    let word = |(i, part): (usize, &str)| {
        let found = MIRROR.into_iter().map(&pair).find(|(from, _)| i % 2 == 0 && *from == part);
        found.map_or_else(|| part.to_owned(), |(_, to)| to.to_owned())
    };
    name.split('.').enumerate().map(word).collect::<Vec<_>>().join(".")
}

/// Channels of an event; none when nobody can listen to it. Those of the console need a value named `projectId`.
#[must_use]
pub fn channels(template: &str, values: &[(&str, &str)]) -> Vec<String> {
    let template = Template::parse(template);
    let plain = plain_channels(&template, values);
    match template.action.filter(|a| ACTIONS.contains(a)) {
        // What happens below a user is no action on the account.
        Some(_) if template.parts.first() == Some(&"users") && template.ids > 1 => plain,
        Some(action) => with_action(plain, action),
        None => plain,
    }
}

fn plain_channels(template: &Template<'_>, values: &[(&str, &str)]) -> Vec<String> {
    let part = |n: usize| template.parts.get(n).copied().unwrap_or_default();
    let value = |name: &str| value(values, name);
    match (part(0), part(2), part(4)) {
        ("users", ..) => vec!["account".into(), format!("account.{}", value("userId"))],
        ("teams", "memberships", _) => vec!["memberships".into(), format!("memberships.{}", value("membershipId"))],
        ("teams", ..) => vec!["teams".into(), format!("teams.{}", value("teamId"))],
        ("databases" | "tablesdb", _, "documents" | "rows") => document_channels(values),
        ("buckets", "files", _) => {
            let files = format!("buckets.{}.files", value("bucketId"));
            let file = format!("{files}.{}", value("fileId"));
            vec!["files".into(), files, file]
        }
        ("functions", "executions", _) => {
            let mut out = console_channels(values);
            let (execution, function) = (value("executionId"), value("functionId"));
            out.extend(["executions".to_owned(), format!("executions.{execution}"), format!("functions.{function}")]);
            out
        }
        ("presences", ..) => vec!["presences".into(), format!("presences.{}", value("presenceId"))],
        ("rules" | "migrations" | "projects", ..) | ("functions" | "sites", "deployments", _) => console_channels(values),
        ("databases" | "tablesdb", _, "attributes" | "columns" | "indexes") => console_channels(values),
        _ => Vec::new(),
    }
}

fn console_channels(values: &[(&str, &str)]) -> Vec<String> {
    match value(values, "projectId") {
        "" => Vec::new(),
        id => vec!["console".into(), format!("projects.{id}")],
    }
}

fn document_channels(values: &[(&str, &str)]) -> Vec<String> {
    let database = value(values, "databaseId");
    let collection = either(values, ["collectionId", "tableId"]);
    let document = either(values, ["documentId", "rowId"]);
    if [database, collection, document].contains(&"") {
        return Vec::new();
    }
    let documents = format!("databases.{database}.collections.{collection}.documents");
    let rows = format!("databases.{database}.tables.{collection}.rows");
    let own = format!("tablesdb.{database}.tables.{collection}.rows");
    let one = |list: &str| format!("{list}.{document}");
    let (one_document, one_row, one_own) = (one(&documents), one(&rows), one(&own));
    vec!["documents".into(), documents, one_document, "rows".into(), rows, one_row, own, one_own]
}

/// The channels and behind them those of them that are told apart by action.
fn with_action(mut channels: Vec<String>, action: &str) -> Vec<String> {
    let suffixed = |channel: &&String| channel.rsplit('.').take(2).any(|part| SUFFIXED.contains(&part));
    let more: Vec<String> = channels.iter().filter(suffixed).map(|channel| format!("{channel}.{action}")).collect();
    channels.extend(more);
    channels
}

#[cfg(test)]
mod tests;
