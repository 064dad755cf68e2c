//! Texts as recorded from the reference.
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Index, Kind, Namespace, Status};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) fn attribute(key: &str, kind: Kind) -> Attribute {
    crate::tests::attribute(key, kind, false)
}

pub(crate) fn collection(attributes: Vec<Attribute>, indexes: Vec<Index>) -> Collection {
    Collection {
        namespace: Namespace(1),
        id: 1,
        name: "database_1_collection_1".into(),
        permissions: vec![],
        document_security: false,
        attributes,
        indexes,
        version: 1,
    }
}

fn movies() -> Collection {
    let formatted = |key: &str, format: &str| Attribute { format: format.into(), size: 254, ..attribute(key, Kind::String) };
    let range = |key: &str, kind, format: &str, min: Value, max: Value| Attribute { format: format.into(), min, max, ..attribute(key, kind) };
    collection(
        vec![
            Attribute { required: true, size: 128, ..attribute("title", Kind::String) },
            Attribute { array: true, size: 32, ..attribute("tags", Kind::String) },
            range("year", Kind::Integer, "intRange", json!(1800), json!(2100)),
            range("views", Kind::Integer, "intRange", json!(i64::MIN), json!(i64::MAX)),
            range("rating", Kind::Double, "floatRange", json!(0.0), json!(10.0)),
            Attribute { default: json!(false), ..attribute("active", Kind::Boolean) },
            Attribute { format: "datetime".into(), ..attribute("released", Kind::Datetime) },
            formatted("contact", "email"),
            formatted("link", "url"),
            formatted("addr", "ip"),
            Attribute { elements: ["action", "drama", "comedy", "horror"].map(String::from).to_vec(), default: json!("drama"), ..formatted("genre", "enum") },
            attribute("loc", Kind::Point),
            attribute("path", Kind::Linestring),
            attribute("area", Kind::Polygon),
            attribute("tx", Kind::Text),
            attribute("big", Kind::Bigint),
            Attribute { status: Status::Processing, ..attribute("soon", Kind::String) },
        ],
        vec![],
    )
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("object") };
    map
}

fn create(mut data: Value) -> Result<Map<String, Value>, String> {
    data.as_object_mut().unwrap().entry("title").or_insert(json!("t"));
    validate_create(&movies(), object(data), NOW).map_err(|e| e.to_string())
}

#[test]
fn recorded_refusals() {
    let int32 = "Value must be a valid signed 32-bit integer between -2,147,483,648 and 2,147,483,647";
    let int64 = "Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,808";
    let date = "Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.";
    for (data, message) in [
        (json!({"title": null}), "Missing required attribute \"title\"".to_owned()),
        (json!({"bogus": 1}), "Unknown attribute: \"bogus\"".into()),
        (json!({"$bogus": 1}), "Unknown attribute: \"$bogus\"".into()),
        (json!({"soon": "x"}), "Unknown attribute: \"soon\"".into()),
        (json!({"year": 1990.5}), format!("Attribute \"year\" has invalid format. {int32}")),
        (json!({"year": "1990"}), format!("Attribute \"year\" has invalid format. {int32}")),
        (json!({"year": 1990.0}), format!("Attribute \"year\" has invalid format. {int32}")),
        (json!({"year": 1}), "Attribute \"year\" has invalid format. Value must be a valid range between 1,800 and 2,100".into()),
        (
            json!({"year": -2_147_483_648_i64}),
            "Attribute \"year\" has invalid format. Value must be a valid range between -2,147,483,647 and 2,147,483,647".into(),
        ),
        (json!({"rating": 11.5}), "Attribute \"rating\" has invalid format. Value must be a valid range between 0 and 10".into()),
        (json!({"rating": "x"}), "Attribute \"rating\" has invalid format. Value must be a valid float".into()),
        (json!({"views": 9_223_372_036_854_775_808_u64}), format!("Attribute \"views\" has invalid format. {int64}")),
        (json!({"active": 1}), "Attribute \"active\" has invalid type. Value must be a valid boolean".into()),
        (json!({"released": "0000-01-01T00:00:00Z"}), format!("Attribute \"released\" has invalid type. {date}")),
        (json!({"released": "10000-01-01T00:00:00Z"}), format!("Attribute \"released\" has invalid type. {date}")),
        (json!({"released": 5}), format!("Attribute \"released\" has invalid type. {date}")),
        (json!({"contact": "nope"}), "Attribute \"contact\" has invalid format. Value must be a valid email address".into()),
        (json!({"link": "nope"}), "Attribute \"link\" has invalid format. Value must be a valid URL".into()),
        (json!({"addr": "999.1.1.1"}), "Attribute \"addr\" has invalid format. Value must be a valid IP address".into()),
        (json!({"genre": "scifi"}), "Attribute \"genre\" has invalid format. Value must be one of (action, drama, comedy, horror)".into()),
        (json!({"tags": ["x".repeat(33)]}), "Attribute \"tags['0']\" has invalid type. Value must be a valid string and no longer than 32 chars".into()),
        (json!({"tags": "x"}), "Attribute \"tags\" must be an array".into()),
        (json!({"tags": {"0": "x"}}), "Attribute \"tags\" must be an array".into()),
        (json!({"loc": [1]}), "Attribute \"loc\" has invalid type. Value must be a valid point: Point must be an array of two numeric values [x, y]".into()),
        (json!({"loc": "x"}), "Attribute \"loc\" has invalid type. Value must be a valid point: ".into()),
        (
            json!({"loc": [200, 100]}),
            "Attribute \"loc\" has invalid type. Value must be a valid point: Longitude (x) must be between -180 and 180, got 200".into(),
        ),
        (
            json!({"path": [[0, 0]]}),
            "Attribute \"path\" has invalid type. Value must be a valid linestring: LineString must contain at least two points".into(),
        ),
        (
            json!({"big": "+5"}),
            "Attribute \"big\" has invalid type. Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807"
                .into(),
        ),
    ] {
        assert_eq!(create(data.clone()).unwrap_err(), format!("Invalid document structure: {message}"), "{data}");
    }
    assert!(create(json!({"tx": "é".repeat(32_768)})).is_err(), "this kind is measured in bytes");
    assert!(create(json!({"title": "é".repeat(128)})).is_ok(), "and this in characters");
}

#[test]
fn what_is_missing_is_told_before_what_is_wrong() {
    let refused = validate_create(&movies(), object(json!({"bogus": 1, "year": "x"})), NOW).unwrap_err();
    assert_eq!(refused, fault("Missing required attribute \"title\""));
}

#[test]
fn stored_forms_and_defaults() {
    let made = create(json!({
        "genre": null, "year": null, "released": "2020-01-01T10:00:00.123456+05:30", "rating": 5, "tags": [null, "a"], "views": i64::MAX,
        "path": "LINESTRING(0 0, 1 1.5)", "area": [[0, 0], [0, 4], ["4", 4], [0, 0]], "loc": "point (1 2)", "big": "-7",
    }))
    .unwrap();
    assert_eq!(made["genre"], "drama", "null is no value on create");
    assert_eq!((&made["active"], &made["year"]), (&json!(false), &Value::Null));
    assert_eq!(made["released"], "2020-01-01T04:30:00.123+00:00");
    assert_eq!((&made["rating"], &made["tags"], &made["big"]), (&json!(5), &json!([null, "a"]), &json!(-7)));
    assert_eq!((&made["path"], &made["loc"]), (&json!([[0, 0], [1, 1.5]]), &json!([1, 2])));
    assert_eq!(made["area"], json!([[[0, 0], [0, 4], [4, 4], [0, 0]]]), "rings are listed");
    assert_eq!(create(json!({"released": "yesterday"})).unwrap()["released"], "2023-11-13T00:00:00.000+00:00");
    assert_eq!(create(json!({"area": "POLYGON((0 0, 0 1, 1 1, 0 0), (0 0, 0 2, 2 2, 0 0))"})).unwrap()["area"].as_array().unwrap().len(), 2);
    for bad in ["POINT(1 2)", "POLYGON", "POLYGON(", "POLYGON()", "POLYGON((0 0)", "POLYGON((0 0) (1 1))", "POLYGON((1 2 3, 4))"] {
        assert!(create(json!({"area": bad})).is_err(), "{bad}");
    }
}

#[test]
fn changes_are_judged_by_what_they_name() {
    let update = |data| validate_update(&movies(), object(data), NOW);
    assert_eq!(update(json!({"year": 2000})).unwrap(), object(json!({"year": 2000})));
    assert_eq!(update(json!({"title": null})).unwrap_err(), fault("Missing required attribute \"title\""));
    assert_eq!(update(json!({"genre": null})).unwrap(), object(json!({"genre": "drama"})));
    assert!(update(json!({"bogus": null})).is_err());
}

#[test]
fn internal_times() {
    assert_eq!(internal_time("$createdAt", &json!("2001-01-01"), NOW), Ok(Timestamp::parse("2001-01-01").unwrap()));
    let refused = internal_time("$createdAt", &json!("nope"), NOW).unwrap_err().to_string();
    let wanted = "Attribute \"$createdAt\" has invalid type. Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.";
    assert_eq!(refused, format!("Invalid document structure: {wanted}"));
}

pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "(POINT|POLYGON|LINESTRING) ?[() 0-9,.-]{0,16}".prop_map(Value::from),
        proptest::sample::select(vec!["2020-01-01", "a@b.co", "::1", "http://x.y", "drama", "9"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec(("[a-z]{1,3}", inner), 0..3).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever comes in, it is refused or has a stored form that is accepted as it is.
    #[test]
    fn stored_forms_are_fixed(key in 0_usize..16, value in anything()) {
        let key = movies().attributes[key].key.clone();
        let mut data = object(json!({"title": "t"}));
        data.insert(key, value);
        if let Ok(once) = validate_create(&movies(), data, NOW) {
            prop_assert_eq!(validate_create(&movies(), once.clone(), NOW), Ok(once));
        }
    }
}
