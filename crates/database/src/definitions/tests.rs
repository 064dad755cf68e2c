//! Texts as recorded from the reference, or as it words them.
use serde_json::json;

use super::*;
use crate::structure::tests::{attribute, collection};
use crate::{Index, IndexKind, Status};

fn string(key: &str, size: u64) -> Attribute {
    Attribute { size, ..attribute(key, Kind::String) }
}

#[test]
fn attributes_by_themselves() {
    use DefinitionError as E;
    let ranged = |default: Value| Attribute { format: "intRange".into(), min: json!(0), max: json!(5), default, ..attribute("n", Kind::Integer) };
    let enumeration = |elements: &[&str], default: Value| Attribute {
        format: "enum".into(),
        elements: elements.iter().map(|s| (*s).into()).collect(),
        default,
        ..string("e", 255)
    };
    for (a, refused) in [
        (Attribute { default: json!("toolong"), ..string("s", 3) }, E::ValueInvalid("Value must be a valid string and no longer than 3 chars".into())),
        (Attribute { default: json!("x"), array: true, ..string("s", 3) }, E::DefaultUnsupported("Cannot set default value for array columns".into())),
        (Attribute { default: json!("x"), required: true, ..string("s", 3) }, E::DefaultUnsupported("Cannot set default value for required column".into())),
        (Attribute { encrypt: true, ..string("s", 10) }, E::BadRequest("Size too small. Encrypted strings require a minimum size of 150 characters.".into())),
        (Attribute { min: json!(10), max: json!(1), ..ranged(Value::Null) }, E::ValueInvalid("Minimum value must be lesser than maximum value".into())),
        (ranged(json!(9)), E::ValueInvalid("Value must be a valid range between 0 and 5".into())),
        (enumeration(&["a"], json!("b")), E::ValueInvalid("Default value not found in elements".into())),
        (Attribute { format: "email".into(), ..attribute("n", Kind::Integer) }, E::FormatUnsupported("Format email not available for integer columns.".into())),
    ] {
        assert_eq!(validate_definition(&a, "column"), Err(refused), "{a:?}");
    }
    for a in [string("s", 3), ranged(json!(5)), enumeration(&[], Value::Null), enumeration(&["a"], json!("a"))] {
        assert_eq!(validate_definition(&a, "attribute"), Ok(()), "{a:?}");
    }
    let emptied = validate_redefinition(&enumeration(&[], Value::Null), "attribute");
    assert_eq!(emptied, Err(E::ValueInvalid("Enum elements must not be empty".into())));
    assert!(validate_redefinition(&Attribute { default: json!(9), required: true, ..ranged(Value::Null) }, "attribute").is_err());
}

#[test]
fn rows_have_room_for_so_much() {
    assert_eq!(row_width(&collection(vec![], vec![])), 1067, "as the API tells of an empty collection");
    let list = Attribute { array: true, ..string("list", 10_000) };
    let kinds = [Kind::Boolean, Kind::Datetime, Kind::Double, Kind::Point, Kind::Polygon, Kind::Text].map(|k| attribute("k", k));
    assert_eq!(row_width(&collection(vec![list, string("a", 255), string("b", 256), string("c", 20_000)], vec![])), 1067 + 20 + 1021 + 1026 + 20);
    assert_eq!(row_width(&collection(kinds.to_vec(), vec![])), 1067 + 1 + 7 + 8 + 25 + 20 + 20);
    let full = collection(vec![string("a", 16_000)], vec![]);
    assert_eq!(check_attribute(&full, &string("b", 100)), Ok(()));
    let refused = check_attribute(&full, &string("b", 200)).unwrap_err();
    assert!(matches!(&refused, DbError::Limit(m) if m.starts_with("Row width limit reached.")), "{refused}");
    assert!(check_change(&full, "a", &string("a", 16_200)).is_err() && check_change(&full, "a", &string("a", 15_000)).is_ok());
    let many = collection((0..1_010).map(|i| attribute(&format!("b{i}"), Kind::Boolean)).collect(), vec![]);
    assert!(matches!(check_attribute(&many, &attribute("x", Kind::Boolean)), Err(DbError::Limit(m)) if m.starts_with("Column limit reached.")));
    assert_eq!(check_attribute(&full, &string("A", 1)), Err(DbError::Exists("attribute")));
    assert!(matches!(check_attribute(&full, &Attribute { default: json!(5), ..string("b", 10) }), Err(DbError::Structure(_))));
    assert!(matches!(check_attribute(&full, &Attribute { size: 20_000, ..attribute("v", Kind::Varchar) }), Err(DbError::Limit(_))));
}

#[test]
fn defaults_are_of_their_types() {
    let narrow = |default: Value| Attribute { size: 4, default, ..attribute("n", Kind::Integer) };
    let refused = check_attribute(&schema(), &narrow(json!(1_i64 << 40)));
    assert_eq!(refused, Err(DbError::Structure("Default value 1099511627776 does not match given type integer".into())));
    assert_eq!(check_attribute(&schema(), &Attribute { size: 8, ..narrow(json!(1_i64 << 40)) }), Ok(()));
    assert_eq!(check_attribute(&schema(), &narrow(json!(-5))), Ok(()));
    assert!(check_attribute(&schema(), &narrow(json!(1.5))).is_err() && check_attribute(&schema(), &narrow(json!([1]))).is_err());
}

fn schema() -> Collection {
    collection(
        vec![
            string("title", 128),
            string("long", 2_000),
            attribute("year", Kind::Integer),
            Attribute { array: true, ..string("tags", 32) },
            attribute("loc", Kind::Point),
            Attribute { required: true, ..attribute("here", Kind::Point) },
            attribute("rel", Kind::Relationship),
            Attribute { status: Status::Processing, ..string("soon", 5) },
        ],
        vec![],
    )
}

fn index(kind: IndexKind, attributes: &[&str], lengths: &[Option<i64>]) -> Index {
    Index { lengths: lengths.to_vec(), ..crate::tests::index("i", kind, attributes, &[]) }
}

#[test]
fn indexes_that_cannot_be() {
    use IndexKind::{Fulltext, Key, Spatial, Unique};
    use IndexRefusal as R;
    let invalid = |s: &str| R::Invalid(s.to_owned());
    for (i, refused) in [
        (index(Key, &["nope"], &[]), R::UnknownAttribute("nope".into())),
        (index(Key, &["rel"], &[]), R::Relationship("Cannot create an index for a relationship attribute: rel".into())),
        (index(Key, &["soon"], &[]), R::NotAvailable("soon".into())),
        (index(Key, &["tags"], &[]), invalid("Creating indexes on array attributes is not currently supported.")),
        (index(Key, &[], &[]), invalid("No attributes provided for index")),
        (index(Key, &["title", "title"], &[]), invalid("Duplicate attributes provided")),
        (index(Fulltext, &["year"], &[]), invalid("Attribute \"year\" cannot be part of a fulltext index, must be of type string")),
        (index(Key, &["year"], &[Some(5)]), invalid("Cannot set a length on \"integer\" attributes")),
        (index(Key, &["long"], &[]), invalid("Index length is longer than the maximum: 768")),
        (index(Unique, &["title"], &[Some(-1)]), invalid("Negative index length provided for title")),
        (index(Key, &["title"], &[Some(200)]), invalid("Index length 200 is larger than the size for title: 128\"")),
        (index(Key, &["title"], &[None, None]), invalid("Invalid index lengths. Count of lengths must be equal or less than the number of attributes.")),
        (
            index(Spatial, &["loc"], &[]),
            invalid("Spatial indexes do not allow null values. Mark the attribute \"loc\" as required or create the index on a column with no null values."),
        ),
        (index(Spatial, &["here", "loc"], &[]), invalid("Spatial index must have exactly one attribute")),
        (
            index(Spatial, &["title"], &[]),
            invalid("Spatial index can only be created on spatial attributes (point, linestring, polygon). Attribute \"title\" is of type \"string\""),
        ),
        (index(Unique, &["here"], &[]), invalid("Cannot create unique index on spatial attribute \"here\". Spatial attributes require spatial indexes.")),
        (Index { key: "Primary".into(), ..index(Key, &["year"], &[]) }, invalid("Index key name is reserved")),
    ] {
        assert_eq!(validate_index(&schema(), &i, "attribute"), Err(refused), "{i:?}");
    }
    let full = Collection { indexes: vec![index(Key, &["year"], &[]); MAX_INDEXES], ..schema() };
    assert_eq!(validate_index(&full, &index(Key, &["title"], &[]), "column"), Err(R::Limit));
    assert_eq!(check_index(&schema(), &index(Unique, &["tags"], &[])), Err(invalid("\"Unique\" index is forbidden on array attributes")));
}

#[test]
fn indexes_that_can() {
    use IndexKind::{Fulltext, Key, Spatial, Unique};
    for i in [
        index(Key, &["title"], &[]),
        index(Key, &["long"], &[Some(50)]),
        index(Fulltext, &["long"], &[]),
        index(Unique, &["title", "year", "$id"], &[Some(0), None]),
        index(Key, &["$createdAt", "$updatedAt"], &[]),
        index(Spatial, &["here"], &[]),
    ] {
        assert_eq!(validate_index(&schema(), &i, "attribute"), Ok(()), "{i:?}");
    }
    assert_eq!(check_index(&schema(), &index(Key, &["tags"], &[])), Ok(()), "the engine can, the API does not offer it");
}

#[test]
fn growing_texts_must_not_break_their_indexes() {
    let indexed = Collection { indexes: vec![index(IndexKind::Key, &["title"], &[])], ..schema() };
    assert_eq!(check_change(&indexed, "title", &string("title", 768)), Ok(()));
    assert!(matches!(check_change(&indexed, "title", &string("name", 769)), Err(DbError::Index(m)) if m.contains("768")));
}
