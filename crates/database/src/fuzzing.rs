//! What fuzzing reaches of the inside: readers of bytes and texts that others wrote. Tests run the same on fewer inputs.
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::{Map, Value};

use crate::filter::Filter;
use crate::record::View;
use crate::spatial::{Condition, Geometry};
use crate::{Attribute, Collection, Kind, Namespace, Status, meets, structure, validate_queries};

const KINDS: [Kind; 9] =
    [Kind::String, Kind::Longtext, Kind::Integer, Kind::Double, Kind::Boolean, Kind::Datetime, Kind::Point, Kind::Linestring, Kind::Polygon];

/// One attribute of each kind, named after it, and lists of some.
fn collection() -> Collection {
    let attribute = |id: usize, kind: Kind, array: bool| Attribute {
        id: u16::try_from(id + 1).unwrap_or(u16::MAX),
        key: if array { format!("{}s", kind.name()) } else { kind.name().to_owned() },
        kind,
        size: 64,
        required: false,
        array,
        default: Value::Null,
        format: String::new(),
        elements: Vec::new(),
        min: Value::Null,
        max: Value::Null,
        encrypt: false,
        options: Value::Null,
        status: Status::Available,
        error: String::new(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    };
    let mut attributes: Vec<Attribute> = KINDS.iter().enumerate().map(|(at, kind)| attribute(at, *kind, false)).collect();
    attributes.extend(KINDS.iter().take(6).enumerate().map(|(at, kind)| attribute(KINDS.len() + at, *kind, true)));
    Collection {
        namespace: Namespace(0),
        id: 1,
        name: "database_1_collection_1".to_owned(),
        permissions: Vec::new(),
        document_security: false,
        attributes,
        indexes: Vec::new(),
        version: 1,
    }
}

/// A stored record, whatever the bytes are: its head, its document, every attribute against a few filters.
pub fn record(bytes: &[u8]) {
    let Ok(view) = View::new(1, bytes) else { return };
    let collection = collection();
    let _ = view.permissions().count();
    let _ = view.document(&collection, None, None);
    let of = |method, value: Value| KINDS.map(|k| Query::new(method, k.name(), vec![value.clone()]));
    let queries = [
        &of(Method::Equal, Value::from("1"))[..6],
        &of(Method::Contains, Value::from("a"))[..6],
        &of(Method::Intersects, serde_json::json!([1, 1]))[6..],
        &of(Method::DistanceLessThan, serde_json::json!([[1, 1], 5, false]))[6..],
    ];
    for query in queries.into_iter().flatten() {
        if let Ok(filter) = Filter::new(&collection, &[query]) {
            let _ = filter.matches(&view);
        }
    }
}

/// The text of a query, JSON or of the form of old SDKs: read, printed and read again, checked, and tried on values.
pub fn query(text: &str) {
    let collection = collection();
    let mut old = Map::from_iter([("queries".to_owned(), Value::from(vec![text]))]);
    let translated = protocol::format::Format::parse("1.4.0").request("users.list", &mut old).ok().and_then(|()| old["queries"][0].as_str().map(Query::parse));
    for parsed in [Some(Query::parse(text)), translated].into_iter().flatten().flatten() {
        assert_eq!(Query::parse(&parsed.to_json()).ok().as_ref(), Some(&parsed), "a query that is read can be printed and read again");
        let judged = validate_queries(&collection, std::slice::from_ref(&parsed));
        if judged.is_ok() && parsed.is_filter() {
            let values = serde_json::json!({"string": "Red apples", "integer": 5, "double": 0.5, "boolean": true, "point": [1, 2],
                "linestring": [[0, 0], [3, 3]], "polygon": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]], "integers": [1, 2, 3]});
            let values = values.as_object().cloned().unwrap_or_default();
            let _ = meets(&collection, &[parsed], &values, Timestamp(0));
        }
    }
}

/// A value of a point, line or polygon, as nested lists or well-known text, and one to compare it with.
pub fn geometry(text: &str) {
    let (first, second) = text.split_once(';').unwrap_or((text, "[[0,0],[4,4]]"));
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into());
    let (first, second) = (value(first), value(second));
    let collection = collection();
    let mut stored = Vec::new();
    for attribute in collection.attributes.iter().filter(|a| a.kind.is_spatial()) {
        if let Ok(value) = structure::element_typed(attribute, first.clone(), Timestamp(0)) {
            let geometry = Geometry::read(&value);
            assert_eq!(geometry.as_ref().map(Geometry::to_value).as_ref(), Ok(&value), "what is accepted is kept");
            stored.extend(geometry);
        }
    }
    stored.extend(Geometry::read(&first));
    let relations = [Method::Contains, Method::Crosses, Method::Equal, Method::Intersects, Method::Overlaps, Method::Touches];
    for geometry in stored {
        assert_eq!(Geometry::decode(&geometry.encode()).as_ref(), Some(&geometry), "what is stored comes back");
        for method in relations {
            if let Ok(Some(condition)) = Condition::new(geometry.kind(), &Query::new(method, "", vec![second.clone()])) {
                let _ = (condition.holds(&geometry), condition.areas());
            }
        }
        for metres in [false, true] {
            let query = Query::new(Method::DistanceLessThan, "", vec![serde_json::json!([second, 5, metres])]);
            if let Ok(Some(condition)) = Condition::new(geometry.kind(), &query) {
                let _ = (condition.holds(&geometry), condition.areas());
            }
        }
    }
}

/// Values of a document against the schema.
pub fn values(text: &str) {
    let Ok(values) = serde_json::from_str::<Map<String, Value>>(text) else { return };
    let collection = collection();
    if let Ok(data) = structure::validate_create(&collection, values, Timestamp(0)) {
        let document = crate::Document { id: "a".to_owned(), sequence: 1, created_at: Timestamp(0), updated_at: Timestamp(0), permissions: Vec::new(), data };
        if let Ok(bytes) = crate::record::encode(&collection, &document, None) {
            record(&bytes);
        }
    }
}
