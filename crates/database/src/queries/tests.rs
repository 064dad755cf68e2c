//! Texts as recorded from the reference.
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::structure::tests::{anything, attribute, collection};
use crate::{Attribute, Index, Kind};

fn things() -> Collection {
    let relation = |kind: &str, side: &str| json!({"relationType": kind, "side": side, "twoWay": false});
    let indexes: Vec<Index> = vec![crate::tests::index("ft", IndexKind::Fulltext, &["title"], &[])];
    collection(
        vec![
            attribute("title", Kind::String),
            Attribute { max: json!(2100), ..attribute("year", Kind::Integer) },
            Attribute { array: true, ..attribute("tags", Kind::String) },
            attribute("when", Kind::Datetime),
            attribute("loc", Kind::Point),
            Attribute { encrypt: true, ..attribute("secret", Kind::String) },
            attribute("a.b", Kind::String),
            Attribute { options: relation("oneToMany", "parent"), ..attribute("books", Kind::Relationship) },
            Attribute { options: relation("manyToOne", "parent"), ..attribute("author", Kind::Relationship) },
        ],
        indexes,
    )
}

fn refusal(text: &Value) -> String {
    let q = Query::from_value(text.clone()).unwrap();
    validate_queries(&things(), &[q]).expect_err(&text.to_string()).to_string()
}

#[test]
fn recorded_refusals() {
    let limit = "Invalid query: Invalid limit: Value must be a valid";
    for (query, message) in [
        (json!({"method": "equal", "attribute": "year", "values": [null]}), "Invalid query: Query value is invalid for attribute \"year\"".to_owned()),
        (json!({"method": "equal", "attribute": "year", "values": []}), "Invalid query: Equal queries require at least one value.".into()),
        (json!({"method": "equal", "attribute": "nope", "values": ["x"]}), "Invalid query: Attribute not found in schema: nope".into()),
        (json!({"method": "equal", "values": ["x"]}), "Invalid query: Attribute not found in schema: ".into()),
        (
            json!({"method": "equal", "attribute": "tags", "values": ["x"]}),
            "Invalid query: Cannot query equal on attribute \"tags\" because it is an array.".into(),
        ),
        (json!({"method": "notEqual", "attribute": "year", "values": [1, 2]}), "Invalid query: NotEqual queries require exactly one value.".into()),
        (json!({"method": "lessThan", "attribute": "year", "values": [1, 2]}), "Invalid query: LessThan queries require exactly one value.".into()),
        (json!({"method": "between", "attribute": "year", "values": [1]}), "Invalid query: Between queries require exactly two values.".into()),
        (json!({"method": "or", "values": [{"method": "isNull", "attribute": "year"}]}), "Invalid query: Or queries require at least two queries".into()),
        (json!({"method": "or", "values": []}), "Invalid query: Or queries require at least two queries".into()),
        (
            json!({"method": "and", "values": [{"method": "limit", "values": [1]}, {"method": "isNull", "attribute": "year"}]}),
            "Invalid query: And queries can only contain filter queries".into(),
        ),
        (json!({"method": "orderAsc", "attribute": "nope"}), "Invalid query: Attribute not found in schema: nope".into()),
        (json!({"method": "orderAsc", "attribute": "author.name"}), "Invalid query: Cannot order by nested attribute: author".into()),
        (json!({"method": "limit", "values": [0]}), format!("{limit} range between 1 and 9,223,372,036,854,775,807")),
        (json!({"method": "limit", "values": ["a"]}), format!("{limit} number")),
        (json!({"method": "limit", "values": [2.5]}), format!("{limit} range between 1 and 9,223,372,036,854,775,807")),
        (
            json!({"method": "offset", "values": [-1]}),
            "Invalid query: Invalid offset: Value must be a valid range between 0 and 9,223,372,036,854,775,807".into(),
        ),
        (json!({"method": "offset"}), format!("{limit} number")),
        (
            json!({"method": "cursorAfter", "values": ["bad id!"]}),
            "Invalid cursor: UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. Can't start with a leading underscore".into(),
        ),
        (json!({"method": "select", "values": ["nope"]}), "Invalid query: Attribute not found in schema: nope".into()),
        (json!({"method": "select", "values": []}), "Invalid query: No attributes selected".into()),
        (json!({"method": "select", "values": ["title", "title"]}), "Invalid query: Duplicate attributes selected".into()),
        (
            json!({"method": "greaterThan", "attribute": "$createdAt", "values": ["nope"]}),
            "Invalid query: Query value is invalid for attribute \"$createdAt\"".into(),
        ),
        (json!({"method": "exists", "attribute": "title"}), "Invalid query: Exists queries require at least one value.".into()),
        (json!({"method": "equal", "attribute": "secret", "values": ["x"]}), "Invalid query: Cannot query encrypted attribute: secret".into()),
        (
            json!({"method": "contains", "attribute": "year", "values": [1]}),
            "Invalid query: Cannot query contains on attribute \"year\" because it is not an array, string, or object.".into(),
        ),
        (
            json!({"method": "notContains", "attribute": "when", "values": ["2020-01-01"]}),
            "Invalid query: Cannot query notContains on attribute \"when\" because it is not an array, string, or object.".into(),
        ),
        (json!({"method": "search", "attribute": "a.b", "values": ["x"]}), "Searching by attribute \"a.b\" requires a fulltext index.".into()),
        (json!({"method": "equal", "attribute": "books", "values": ["x"]}), "Invalid query: Cannot query on virtual relationship attribute".into()),
        (
            json!({"method": "crosses", "attribute": "title", "values": [[1, 2]]}),
            "Invalid query: Spatial query \"crosses\" cannot be applied on non-spatial attribute: title".into(),
        ),
        (
            json!({"method": "distanceLessThan", "attribute": "loc", "values": [[[0, 0], 1]]}),
            "Invalid query: Distance query requires [[geometry, distance]] parameters".into(),
        ),
        (json!({"method": "contains", "attribute": "loc", "values": [2]}), "Invalid query: Spatial data must be an array".into()),
        (json!({"method": "equal", "attribute": "$sequence", "values": [0]}), "Invalid query: Query value is invalid for attribute \"$sequence\"".into()),
        (
            json!({"method": "elemMatch", "attribute": "tags", "values": [{"method": "isNull", "attribute": "year"}]}),
            "Invalid query: elemMatch is not supported by the database".into(),
        ),
        (json!({"method": "equal", "attribute": "$permissions", "values": ["x"]}), "Invalid query: Attribute not found in schema: $permissions".into()),
    ] {
        assert_eq!(refusal(&query), message, "{query}");
    }
}

#[test]
fn too_many_values() {
    let ok = Query::new(Method::Equal, "year", vec![json!(1); 500]);
    assert_eq!(validate_queries(&things(), &[ok]), Ok(()));
    let many = Query::new(Method::Equal, "year", vec![json!(1); 501]);
    let refused = validate_queries(&things(), &[many]).unwrap_err().to_string();
    assert_eq!(refused, "Invalid query: Query on attribute has greater than 500 values: year");
}

#[test]
fn what_is_fine() {
    for query in [
        json!({"method": "equal", "attribute": "$id", "values": ["a", "b"]}),
        json!({"method": "equal", "attribute": "a.b", "values": ["a"]}),
        json!({"method": "greaterThan", "attribute": "$createdAt", "values": ["2000-01-01"]}),
        json!({"method": "contains", "attribute": "tags", "values": ["x", "y"]}),
        json!({"method": "isNull", "attribute": "tags"}),
        json!({"method": "equal", "attribute": "author", "values": ["x"]}),
        json!({"method": "equal", "attribute": "books.name", "values": [1]}),
        json!({"method": "search", "attribute": "title", "values": ["x"]}),
        json!({"method": "select", "values": ["*", "books.*", "$id", "$permissions", "a.b"]}),
        json!({"method": "orderDesc"}),
        json!({"method": "orderRandom"}),
        json!({"method": "limit", "values": ["5"]}),
        json!({"method": "distanceLessThan", "attribute": "loc", "values": [[[0, 0], 200000, true]]}),
        json!({"method": "contains", "attribute": "loc", "values": [[2, 2]]}),
    ] {
        assert_eq!(validate_queries(&things(), &[Query::from_value(query.clone()).unwrap()]), Ok(()), "{query}");
    }
}

#[test]
fn splitting_takes_the_first_of_each() {
    let q = |m, v: Value| Query::new(m, "", vec![v]);
    let parsed = vec![
        q(Method::Limit, json!(1)),
        q(Method::Limit, json!(3)),
        q(Method::CursorAfter, json!("a")),
        q(Method::CursorBefore, json!("b")),
        q(Method::Select, json!("title")),
        q(Method::Select, json!("year")),
        q(Method::OrderDesc, json!(null)),
        Query::equal("year", 5),
    ];
    let find = Find::from_queries(parsed, 7).unwrap();
    assert_eq!((find.limit, find.offset, find.filters.len(), find.random), (1, 0, 1, None));
    assert!(find.cursor.as_ref().is_some_and(|c| c.id == "a" && !c.before));
    assert_eq!(find.select.as_deref(), Some(&["title".to_owned(), "year".to_owned()][..]));
    assert_eq!(find.orders, [("$sequence".to_owned(), true)]);
    assert!(validate(&things(), &find).is_ok());
    assert!(Find::from_queries(vec![q(Method::Limit, json!(0))], 0).is_err());
    let only = validate_selects(&things(), &[q(Method::Limit, json!(1))]).unwrap_err().to_string();
    assert_eq!(only, "Invalid query method: limit");
}

proptest! {
    /// Judging query by query or after splitting comes to the same.
    #[test]
    fn both_ways_agree(method in proptest::sample::select(Method::ALL.to_vec()), key in "title|year|tags|loc|\\$id|author\\.x|nope|", values in proptest::collection::vec(anything(), 0..3)) {
        let q = Query::new(method, &key, values);
        let whole = validate_queries(&things(), std::slice::from_ref(&q));
        let split = Find::from_queries(vec![q], 0).and_then(|f| validate(&things(), &f));
        prop_assert_eq!(whole, split);
    }
}
