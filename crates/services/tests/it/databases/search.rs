//! Full text.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

fn search(method: &str, text: &str) -> Value {
    json!({"method": method, "attribute": "text", "values": [text]})
}

fn texts(rows: &[(&str, Value)]) -> (TestApp, Client, String) {
    let app = app();
    let key = app.key();
    let path = collection(&key, "texts", &["read(\"any\")"], false);
    attribute(&key, "texts", "longtext", "text", &json!({}));
    key.post(&format!("{COLLECTIONS}/texts/indexes"), &json!({"key": "words", "type": "fulltext", "attributes": ["text"]})).is(202);
    for (id, text) in rows {
        put(&key, &path, id, json!({"text": text}));
    }
    (app, key, path)
}

#[test]
fn words_beginnings_and_phrases_of_every_script() {
    let rows = [
        ("a", json!("Red apples and a café in 東京都")),
        ("b", json!("an apple, red as blood 🌍👍🏽")),
        ("c", json!("京都 is not Tokyo; snake_case 👩‍👩‍👧")),
        ("d", json!(null)),
        ("e", json!("Überraschung für Łukasz")),
    ];
    let (_app, key, path) = texts(&rows);
    let cases = [
        ("apple", "ab"),
        ("apple*", "ab"),
        ("app", "ab"),
        ("apple banana", "b"),
        ("\"red apples\"", "a"),
        ("\"apple red\"", "b"),
        ("\"red apple\"", ""),
        ("CAFE", "a"),
        ("東京都", "a"),
        ("京都", "ac"),
        ("\"in 東京都\"", "a"),
        ("🌍", "b"),
        ("👍", "b"),
        ("👩‍👩‍👧", "c"),
        ("uberrasch", "e"),
        ("lukasz @nobody", "e"),
        ("snake_case", "c"),
        ("case", ""),
        ("-red +blood", "ab"),
        ("zzz", ""),
        ("\"", ""),
    ];
    for (text, wanted) in cases {
        let wanted: Vec<String> = wanted.chars().map(String::from).collect();
        let found = key.list(&path, &[search("search", text)]);
        assert_eq!((found.is(200).ids("documents"), &found["total"]), (wanted.clone(), &json!(wanted.len())), "{text}");
        let others: Vec<String> = rows.iter().map(|(id, _)| (*id).to_owned()).filter(|id| !wanted.contains(id)).collect();
        assert_eq!(key.list(&path, &[search("notSearch", text)]).is(200).ids("documents"), others, "not {text}");
    }
}

#[test]
fn the_index_goes_with_the_document() {
    let (_app, key, path) = texts(&[("a", json!("first words")), ("b", json!("other words"))]);
    let found = |text: &str| key.list(&path, &[search("search", text)]).is(200).ids("documents");
    key.patch(&format!("{path}/a"), &json!({"data": {"text": "changed words"}})).is(200);
    assert_eq!((found("first"), found("changed"), found("words").len()), (vec![], vec!["a".to_owned()], 2));
    key.delete(&format!("{path}/a"));
    assert_eq!((found("changed"), found("words")), (vec![], vec!["b".to_owned()]));
    let id = key.post("/databases/transactions", &json!({})).is(201).str("$id");
    key.patch(&format!("{path}/b"), &json!({"data": {"text": "staged"}, "transactionId": id})).is(200);
    assert_eq!((found("staged").len(), found("words").len()), (0, 1));
    assert_eq!(key.list(&format!("{path}?transactionId={id}"), &[search("search", "staged")]).is(200).ids("documents"), ["b"]);
    key.patch(&format!("/databases/transactions/{id}"), &json!({"rollback": true})).is(200);
    assert_eq!((found("staged").len(), found("words").len()), (0, 1));
}

#[test]
fn texts_of_more_words_than_are_entered_are_found_all_the_same() {
    let many: String = (0..30_000).map(|n| format!("w{n} ")).collect();
    let (_app, key, path) = texts(&[("long", json!(many)), ("short", json!("w29999"))]);
    let found = |text: &str| key.list(&path, &[search("search", text)]).is(200).ids("documents");
    assert_eq!(found("w29999"), ["long", "short"]);
    assert_eq!(found("\"w29998 w29999\""), ["long"]);
    assert_eq!(found("w30001"), Vec::<String>::new());
    key.patch(&format!("{path}/long"), &json!({"data": {"text": "short now"}})).is(200);
    assert_eq!((found("w29999"), found("now")), (vec!["short".to_owned()], vec!["long".to_owned()]));
}
