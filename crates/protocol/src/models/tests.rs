use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

fn text(value: &Value) -> String {
    let mut out = Vec::new();
    write_json(value, &mut out);
    String::from_utf8(out).unwrap()
}

fn shaped(name: &str, value: Value) -> Value {
    Value::Object(shape(name, map(value), false))
}

proptest! {
    #[test]
    fn texts_are_escaped_wherever_it_is_needed(s in r#"([ -~]|[\x00-\x1f"/\\]|\PC|[ -~]{8,20}){0,12}"#) {
        let written = text(&json!(s));
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), s.as_str());
        prop_assert_eq!(written, serde_json::to_string(&s).unwrap().replace('/', "\\/"));
    }
}

#[test]
fn names_are_unique_and_references_resolve() {
    assert_eq!(all().count(), 287);
    assert_eq!(BY_NAME.len(), 287);
    for model in all() {
        for field in model.fields {
            assert_eq!(model.fields.iter().filter(|f| f.name == field.name).count(), 1, "{} {}", model.name, field.name);
            if let Kind::Of(models) = field.kind {
                assert!(models.len() == 1 || models.iter().all(|m| !m.when.is_empty()), "{} {}", model.name, field.name);
            }
        }
    }
}

#[test]
fn a_team_has_its_fields_in_order_and_no_others() {
    let team = shaped("team", json!({"total": 1, "search": "x", "$id": "t", "name": "Team", "prefs": [], "$createdAt": "now", "$collection": "teams"}));
    assert_eq!(text(&team), r#"{"$id":"t","$createdAt":"now","$updatedAt":"","name":"Team","total":1,"prefs":{}}"#);
}

#[test]
fn unset_fields_have_their_fallback() {
    let user = shaped("user", json!({"phone": null, "passwordUpdate": null}));
    assert_eq!(user["phone"], "");
    assert_eq!(user["passwordUpdate"], "");
    assert_eq!(user["password"], Value::Null);
    assert_eq!(user["status"], true);
    assert_eq!(user["labels"], json!([]));
    assert_eq!(user["prefs"], json!({}));
    assert_eq!(user["hashOptions"], Value::Null);
    assert_eq!(user["mfa"], false);
}

#[test]
fn secrets_are_for_those_who_may_see_them() {
    let session = || map(json!({"$id": "s", "secret": "abc"}));
    assert_eq!(shape("session", session(), false)["secret"], "");
    assert_eq!(shape("session", session(), true)["secret"], "abc");
    let list = || map(json!({"total": 1, "sessions": [{"$id": "s", "secret": "abc"}]}));
    assert_eq!(shape("sessionList", list(), false)["sessions"][0]["secret"], "");
    assert_eq!(shape("sessionList", list(), true)["sessions"][0]["secret"], "abc");
}

#[test]
fn the_items_of_a_union_are_told_apart() {
    let list = shaped(
        "attributeList",
        json!({"total": 3, "attributes": [
            {"key": "a", "type": "string", "size": 10, "format": "", "elements": ["x"]},
            {"key": "b", "type": "string", "format": "enum", "elements": ["x"], "size": 10},
            {"key": "c", "type": "integer", "min": 1, "size": 8},
        ]}),
    );
    assert_eq!(list["attributes"][0]["size"], 10);
    assert_eq!(list["attributes"][0].get("elements"), None);
    assert_eq!(list["attributes"][1]["elements"], json!(["x"]));
    assert_eq!(list["attributes"][1].get("size"), None);
    assert_eq!(list["attributes"][2]["min"], 1);
    assert_eq!(list["attributes"][2]["max"], Value::Null);
}

#[test]
fn kinds_of_items() {
    for (list, item, name) in [
        ("attributeList", json!({"type": "string", "format": "email"}), Some("attributeEmail")),
        ("attributeList", json!({"type": "string", "format": ""}), Some("attributeString")),
        ("columnList", json!({"type": "linestring"}), Some("columnLine")),
        ("columnList", json!({"type": "unheard-of"}), None),
        ("teamList", json!({}), Some("team")),
        ("team", json!({}), None),
        ("no such list", json!({}), None),
    ] {
        assert_eq!(item_name(list, &map(item.clone())), name, "{list} {item}");
    }
}

#[test]
fn tables_take_what_collections_have() {
    let table = shaped("table", json!({"$id": "t", "documentSecurity": true, "attributes": [{"key": "r", "type": "relationship", "relatedCollection": "c"}]}));
    assert_eq!(table["rowSecurity"], true);
    assert_eq!(table["columns"][0]["relatedTable"], "c");
    assert_eq!(table.get("attributes"), None);
}

#[test]
fn documents_keep_their_data() {
    let doc = shaped("document", json!({"title": "x", "$id": "d", "$permissions": [], "$sequence": 7, "$tenant": 1, "$collection": "c", "$collectionId": "c"}));
    assert_eq!(text(&doc), r#"{"title":"x","$id":"d","$permissions":[],"$sequence":"7","$collectionId":"c"}"#);
    let row = shaped(
        "row",
        json!({"$id": "d", "$collectionId": "c", "rel": {"$id": "e", "$permissions": [], "$sequence": 2, "$collectionId": "f"}, "data": [{"$sequence": 1}]}),
    );
    assert_eq!(row["$tableId"], "c");
    assert_eq!(row["$sequence"], "");
    assert_eq!(row["rel"], json!({"$id": "e", "$permissions": [], "$sequence": "2", "$tableId": "f"}));
    assert_eq!(row["data"], json!([{"$sequence": 1}]));
}

#[test]
fn numbers_print_as_the_reference_prints_them() {
    for (value, wire) in [
        (json!(0), "0"),
        (json!(-7), "-7"),
        (json!(10), "10"),
        (json!(105), "105"),
        (json!(i64::MIN), "-9223372036854775808"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(10.0), "10"),
        (json!(-10.0), "-10"),
        (json!(1.5), "1.5"),
        (json!(0.1), "0.1"),
        (json!(0.0001), "0.0001"),
        (json!(0.00001), "1.0e-5"),
        (json!(1.25e-7), "1.25e-7"),
        (json!(1e15), "1000000000000000"),
        (json!(1e16), "10000000000000000"),
        (json!(1e17), "1.0e+17"),
        (json!(f64::MAX), "1.7976931348623157e+308"),
        (json!(f64::MIN), "-1.7976931348623157e+308"),
    ] {
        assert_eq!(text(&value), wire);
    }
}

#[test]
fn texts_are_escaped_as_the_reference_does() {
    assert_eq!(text(&json!("a/b \"q\" \\ ü 😀 \u{0}\n\t\u{1f}\u{7f}")), "\"a\\/b \\\"q\\\" \\\\ ü 😀 \\u0000\\n\\t\\u001f\u{7f}\"");
    assert_eq!(text(&json!({"a/b": {}, "c": []})), r#"{"a\/b":{},"c":[]}"#);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
        "\\PC*".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Whole floats read back as integers, so numbers compare by value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w))),
        _ => a == b,
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in any_json()) {
        let back: Value = serde_json::from_str(&text(&value)).unwrap();
        prop_assert!(same(&value, &back), "{} {}", value, back);
    }

    #[test]
    fn shaping_never_panics_and_is_idempotent(value in any_json(), at in 0_usize..287, key in 0_usize..40) {
        let model = all().nth(at).unwrap();
        let mut map = Map::new();
        if let Some(field) = model.fields.get(key) {
            map.insert(field.name.to_owned(), value);
        }
        let once = shape(model.name, map, true);
        let twice = shape(model.name, once.clone(), true);
        prop_assert_eq!(once, twice);
    }
}

/// A page of 25 documents: the figure is printed, the bound is generous for slow machines and unoptimised builds.
#[test]
fn a_page_of_documents_is_quick() {
    let doc = json!({"title": "The quick brown fox", "year": 1999, "rating": 7.5, "tags": ["a", "b"], "url": "https://example.com/a/b", "$id": "6b037a9478869f4058ae",
        "$sequence": "12", "$permissions": ["read(\"any\")"], "$createdAt": "2026-11-22T23:28:20.493+00:00", "$updatedAt": "2026-11-22T23:28:20.493+00:00",
        "$databaseId": "db1", "$collectionId": "movies"});
    let page: Vec<_> = (0..25).map(|_| map(doc.clone())).collect();
    let mut best = std::time::Duration::MAX;
    for _ in 0..200 {
        let docs = page.clone();
        let start = std::time::Instant::now();
        let docs: Vec<_> = docs.into_iter().map(|d| Value::Object(shape("document", d, false))).collect();
        let mut out = Vec::with_capacity(512);
        write_json(&json_list(docs), &mut out);
        best = best.min(start.elapsed());
    }
    println!("25 documents: {best:?}");
    assert!(best < std::time::Duration::from_millis(2), "{best:?}");
}

fn json_list(docs: Vec<Value>) -> Value {
    let mut map = Map::new();
    map.insert("total".into(), 25.into());
    map.insert("documents".into(), Value::Array(docs));
    Value::Object(map)
}
