//! The same data in the words of tables, columns and rows.
use serde_json::json;

use super::{COLLECTIONS, app};

const TABLES: &str = "/tablesdb/db1/tables";

#[test]
fn tables_are_collections_in_other_words() {
    let app = app();
    let key = app.key();
    let made = key.post(TABLES, &json!({"tableId": "t1", "name": "T", "permissions": ["read(\"any\")", "create(\"users\")"], "rowSecurity": true}));
    assert_eq!((&made.is(201)["rowSecurity"], &made["columns"], &made["databaseId"]), (&json!(true), &json!([]), &json!("db1")));
    let column = key.post(&format!("{TABLES}/t1/columns/string"), &json!({"key": "title", "size": 20, "required": true}));
    assert_eq!((&column.is(202)["status"], &column["type"]), (&json!("processing"), &json!("string")));
    let index = key.post(&format!("{TABLES}/t1/indexes"), &json!({"key": "i", "type": "key", "columns": ["title"]}));
    assert_eq!(index.is(202)["columns"], json!(["title"]));
    let row = key.post(&format!("{TABLES}/t1/rows"), &json!({"rowId": "r", "data": {"title": "x"}}));
    assert_eq!((&row.is(201)["$tableId"], row.json.get("$collectionId")), (&json!("t1"), None));
    let document = key.get(&format!("{COLLECTIONS}/t1/documents/r"));
    assert_eq!((&document.is(200)["$collectionId"], document.json.get("$tableId"), &document["title"]), (&json!("t1"), None, &json!("x")));
    assert_eq!(key.get(&format!("{TABLES}/t1/rows")).ids("rows"), ["r"]);
    assert_eq!(key.get(TABLES).ids("tables"), ["t1"]);
    assert_eq!(key.get(&format!("{TABLES}/t1/columns"))["total"], 1);
    assert_eq!(key.patch(&format!("{TABLES}/t1/rows/r"), &json!({"data": {"title": "y"}})).is(200)["title"], "y");
    assert_eq!(key.put(&format!("{TABLES}/t1/rows/r"), &json!({"data": {"title": "z"}})).is(200)["title"], "z");
    key.delete(&format!("{TABLES}/t1/rows/r")).is(204);
}

#[test]
fn errors_speak_of_rows() {
    let app = app();
    let key = app.key();
    key.get(&format!("{TABLES}/nope")).fails_with(404, "table_not_found", "Table with the requested ID 'nope' could not be found.");
    key.post(TABLES, &json!({"tableId": "t1", "name": "T"})).is(201);
    key.post(TABLES, &json!({"tableId": "t1", "name": "T"})).fails(409, "table_already_exists");
    key.post(&format!("{TABLES}/t1/columns/integer"), &json!({"key": "n", "required": false})).is(202);
    key.post(&format!("{TABLES}/t1/columns/integer"), &json!({"key": "n", "required": false})).fails(409, "column_already_exists");
    key.get(&format!("{TABLES}/t1/columns/nope")).fails(404, "column_not_found");
    key.get(&format!("{TABLES}/t1/rows/nope")).fails_with(404, "row_not_found", "Row with the requested ID 'nope' could not be found.");
    let rows = format!("{TABLES}/t1/rows");
    key.post(&rows, &json!({"data": {"n": 1}})).fails_with(400, "row_missing_data", "Row ID is required when creating a single row.");
    key.post(&rows, &json!({"rowId": "r", "data": {"zz": 1}})).fails(400, "row_invalid_structure");
    key.post(&rows, &json!({"rowId": "r", "data": {"n": 1}})).is(201);
    key.post(&rows, &json!({"rowId": "r", "data": {"n": 1}})).fails(409, "row_already_exists");
    key.patch(&format!("{rows}/r/n/increment"), &json!({"value": 5, "max": 2})).fails(400, "column_limit_exceeded");
    assert_eq!(key.patch(&format!("{rows}/r/n/increment"), &json!({"value": 5})).is(200)["n"], 6);
}
