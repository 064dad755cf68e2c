//! Refusals as recorded from the reference, coercions, and what hostile values do.
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::lists;

const KEY: &str = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";

/// One of each kind, with the bounds the contract uses.
fn all() -> Vec<Check> {
    vec![
        Check::Uid,
        Check::CustomId,
        Check::ProjectId,
        Check::Key { max: 36 },
        Check::IndexedKey { max: 36 },
        Check::Text { min: 1, max: 128 },
        Check::Text { min: 0, max: 0 },
        Check::AlphaNumeric { max: 36 },
        Check::Digits { min: 6, max: 6 },
        Check::Email,
        Check::EmailOrEmpty,
        Check::Phone,
        Check::PhoneOrEmpty,
        Check::Password,
        Check::NewPassword,
        Check::Bool,
        Check::Int { min: 0, max: 3600 },
        Check::Int { min: i64::MIN, max: i64::MAX },
        Check::Int32,
        Check::Int32Loose,
        Check::Int64,
        Check::Float,
        Check::Number,
        Check::FloatRange { min: 0.0, max: 1.0 },
        Check::Datetime,
        Check::DatetimeFuture,
        Check::AttributeDatetime,
        Check::Url,
        Check::UrlOrEmpty,
        Check::HttpUrl,
        Check::Redirect,
        Check::Ip,
        Check::Hostname,
        Check::Domain,
        Check::DomainOrEmpty,
        Check::HexColor,
        Check::Enum(&["a", "b"]),
        Check::EnumLoose(&["ASC", "DESC"]),
        Check::List(&Check::Text { min: 1, max: 64 }, 100),
        Check::Nullable(&Check::Email),
        Check::JsonObject,
        Check::Prefs,
        Check::Permissions { create: true },
        Check::Queries(&lists::USERS),
        Check::QueriesPaging,
        Check::QueryTexts,
        Check::Operation { tables: true },
        Check::Event,
        Check::Spatial(Shape::Point),
        Check::Spatial(Shape::Line),
        Check::Spatial(Shape::Polygon),
        Check::MockNumber,
        Check::Any,
    ]
}

fn refusal(check: &Check, value: Value) -> String {
    check.apply(value.clone()).expect_err(&value.to_string())
}

#[test]
fn refusals_as_recorded() {
    let long = |n: usize| Value::from("n".repeat(n));
    let many = |n: usize, v: Value| Value::Array(vec![v; n]);
    for (check, value, message) in [
        (Check::NewPassword, json!("short"), "Password must be between 8 and 265 characters long, and should not be one of the commonly used password.".to_owned()),
        (Check::NewPassword, long(257), "Password must be between 8 and 265 characters long, and should not be one of the commonly used password.".into()),
        (Check::Email, json!("nope"), "Value must be a valid email address".into()),
        (Check::Email, json!(""), "Value must be a valid email address".into()),
        (Check::CustomId, json!("bad id!"), KEY.into()),
        (Check::CustomId, json!("_leading"), KEY.into()),
        (Check::Text { min: 1, max: 128 }, long(129), "Value must be a valid string and at least 1 chars and no longer than 128 chars".into()),
        (Check::Int { min: 0, max: 3600 }, json!(99999), "Value must be a valid range between 0 and 3,600".into()),
        (Check::Prefs, json!("str"), "Value must be a valid object.".into()),
        (Check::Prefs, json!({"x": "n".repeat(65_535)}), "Value must be a valid object.".into()),
        (Check::Phone, json!("123"), "Phone number must start with a '+' can have a maximum of fifteen digits.".into()),
        (Check::Nullable(&Check::Phone), json!("123"), "Phone number must start with a '+' can have a maximum of fifteen digits. or null".into()),
        (Check::Enum(&["totp"]), json!("nope"), "Value must be one of (totp)".into()),
        (Check::List(&Check::Key { max: 36 }, 100), json!(["bad role!"]), format!("Value must a valid array no longer than 100 items and {KEY}")),
        (Check::List(&Check::Key { max: 36 }, 100), many(101, json!("r")), format!("Value must a valid array no longer than 100 items and {KEY}")),
        (Check::Queries(&lists::USERS), json!([r#"{"method": "equal", "attribute": "password", "values": ["x"]}"#]), "Invalid query: Attribute not found in schema: password".into()),
        (Check::Queries(&lists::USERS), json!([r#"{"method": "zzz", "attribute": "email", "values": ["x"]}"#]), "Invalid query: Invalid query method: zzz".into()),
        (Check::Queries(&lists::USERS), json!(["equal(\"email\",\"x\")"]), "Invalid query: Invalid query: Syntax error".into()),
        (Check::Queries(&lists::USERS), json!([r#"{"method": "limit", "values": [-1]}"#]), "Invalid query: Invalid limit: Value must be a valid range between 1 and 9,223,372,036,854,775,807".into()),
        (Check::Queries(&lists::USERS), json!([r#"{"method": "select", "values": ["name"]}"#]), "Invalid query method: select".into()),
        (Check::Bool, json!("maybe"), "Value must be a valid boolean".into()),
        (Check::Nullable(&Check::Bool), json!("x"), "Value must be a valid boolean or null".into()),
        (Check::Permissions { create: true }, json!(["fly(\"any\")"]), "Permission \"fly(\"any\")\" is not allowed. Must be one of: create, read, update, delete, write. or null".into()),
        (Check::Permissions { create: true }, json!(["read(\"nobody\")"]), "Role \"nobody\" is not allowed. Must be one of: any, guests, users, user, team, member, label. or null".into()),
        (Check::Permissions { create: true }, json!(["read(\"any/verified\")"]), "Role \"any\" can not have a dimension value. or null".into()),
        (Check::Permissions { create: false }, json!(["create(\"user:da\")"]), "Permission \"create(\"user:da\")\" is not allowed. Must be one of: read, update, delete, write. or null".into()),
        (Check::Nullable(&Check::Permissions { create: false }), many(101, json!("read(\"any\")")), "You can only provide up to 100 permissions. or null".into()),
        (Check::Nullable(&Check::AttributeDatetime), json!("nope"), "Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59. or null".into()),
        (Check::List(&Check::Text { min: 1, max: 255 }, 100), json!([""]), "Value must a valid array no longer than 100 items and Value must be a valid string and at least 1 chars and no longer than 255 chars".into()),
        (Check::List(&Check::Enum(&["asc", "desc"]), 100), json!(["UP"]), "Value must a valid array no longer than 100 items and Value must be one of (asc, desc)".into()),
        (Check::QueryTexts, many(101, json!("x")), "Value must a valid array no longer than 100 items and Value must be a valid string and at least 1 chars and no longer than 4096 chars".into()),
        (Check::List(&Check::JsonObject, 100), many(101, json!({})), "Value must a valid array no longer than 100 items and Value must be a valid JSON string".into()),
        (Check::List(&Check::Operation { tables: false }, 0), json!([{"action": "fly", "databaseId": "db1", "collectionId": "b"}]), "Value must a valid array and Key 'action' must be one of: create, update, upsert, delete, increment, decrement, bulkCreate, bulkUpdate, bulkUpsert, bulkDelete".into()),
        (Check::List(&Check::Operation { tables: false }, 0), json!([{"action": "create"}]), "Value must a valid array and Missing required key: databaseId".into()),
        (Check::Int { min: 1, max: 30_000_000 }, json!(0), "Value must be a valid range between 1 and 30,000,000".into()),
        (Check::Int { min: -1, max: 100 }, json!("101"), "Value must be a valid range between -1 and 100".into()),
        (Check::HexColor, json!("zz"), "Value must be a valid Hex color code".into()),
        (Check::Event, json!("users.*.fly"), "Event is not valid.".into()),
    ] {
        assert_eq!(refusal(&check, value), message);
    }
    let labels = refusal(&Check::List(&Check::AlphaNumeric { max: 36 }, 1000), json!(["not valid!"]));
    assert!(labels.starts_with("Value must a valid array no longer than 1000 items and Value must be a valid string and at least 1 chars and no longer than 36 chars and only consist of '0, 1, 2,"), "{labels}");
    let now = Timestamp(1_602_743_880_000);
    assert_eq!(
        Check::Nullable(&Check::DatetimeFuture).apply_at(json!("2001-01-01T00:00:00.000+00:00"), now).unwrap_err(),
        "Value must be valid date in the future and between 0000-01-01 00:00:00 and 9999-12-31 00:00:00. or null"
    );
}

#[test]
fn values_of_queries_and_forms_are_coerced() {
    for (check, sent, taken) in [
        (Check::Bool, json!("true"), json!(true)),
        (Check::Bool, json!("0"), json!(false)),
        (Check::Bool, json!("False"), json!(false)),
        (Check::Bool, json!(1), json!(true)),
        (Check::Int { min: 0, max: 100 }, json!("25"), json!(25)),
        (Check::Number, json!("1.5"), json!(1.5)),
        (Check::FloatRange { min: 0.0, max: 1.0 }, json!("0.5"), json!(0.5)),
        (Check::JsonObject, json!("{\"a\":1}"), json!({"a": 1})),
        (Check::JsonObject, json!([1]), json!({"0": 1})),
        (Check::Prefs, json!([]), json!({})),
        (Check::List(&Check::Uid, 0), json!({"0": "a", "1": "b"}), json!(["a", "b"])),
        (Check::Nullable(&Check::Email), Value::Null, Value::Null),
        (Check::Permissions { create: false }, json!({"0": "read(\"any\")", "1": "write(\"any\")"}), json!(["read(\"any\")", "write(\"any\")"])),
    ] {
        assert_eq!(check.apply(sent.clone()), Ok(taken), "{sent}");
    }
}

/// Big, deep, odd. None may panic, none that is refused may be echoed at length.
#[test]
fn hostile_values() {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let values = [
        Value::from("x".repeat(1 << 20)),
        Value::from("\0"),
        Value::from("a\0b"),
        Value::from("😀".repeat(300_000)),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(9_223_372_036_854_775_808_u64),
        json!(f64::MAX),
        json!("9223372036854775808"),
        json!("1e400"),
        json!("NaN"),
        json!(-0.0),
        Value::Array(vec![json!("x"); 100_000]),
        Value::from("[".repeat(500_000)),
        Value::from("{\"a\":".repeat(200_000)),
        json!([["\u{202e}"], {"__proto__": {}}]),
        deep.clone(),
        json!({"a": deep}),
    ];
    for check in all() {
        for value in &values {
            if let Err(why) = check.apply(value.clone()) {
                assert!(why.len() < 4096, "{check:?}: {} bytes", why.len());
            }
        }
    }
    assert!(Check::Int64.apply(json!(9_223_372_036_854_775_808_u64)).is_err());
    assert!(Check::Int { min: 0, max: i64::MAX }.apply(json!("9223372036854775808")).is_err());
    assert!(Check::Number.apply(json!("NaN")).is_err());
    assert!(Check::Int32.apply(json!("1")).is_err());
    assert_eq!(Check::Int32Loose.apply(json!("1")), Ok(json!(1)));
    assert!(Check::Int32Loose.apply(json!("2147483648")).is_err());
}

#[test]
fn every_check_has_a_schema() {
    for check in all() {
        let schema = check.schema();
        assert!(schema.is_object());
        assert!(matches!(check, Check::Any) || schema.get("type").is_some(), "{check:?}");
    }
    assert_eq!(Check::Int { min: 0, max: 3600 }.schema(), json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 3600}));
    assert_eq!(Check::List(&Check::Enum(&["a"]), 5).schema(), json!({"type": "array", "items": {"type": "string", "enum": ["a"]}, "maxItems": 5}));
    assert_eq!(Check::Nullable(&Check::Email).schema(), json!({"type": "string", "format": "email", "nullable": true}));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z0-9:/@.+_-]{0,40}".prop_map(Value::from),
        "(read|update|write|fly)\\(\"[a-z:/]{0,20}\"\\)".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-zA-Z$]{0,12}", inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(value in any_json()) {
        for check in all() {
            let _ = check.apply(value.clone());
        }
    }

    /// What was taken once is taken again, unchanged.
    #[test]
    fn taking_is_idempotent(value in any_json()) {
        for check in all() {
            if let Ok(once) = check.apply(value.clone()) {
                prop_assert_eq!(check.apply(once.clone()), Ok(once), "{:?}", check);
            }
        }
    }

    #[test]
    fn ids_are_taken_as_generated(micros in any::<u32>(), random in any::<u32>()) {
        let id = crate::id::unique(u64::from(micros) * 1000, random);
        for check in [Check::Uid, Check::CustomId, Check::Key { max: 36 }] {
            prop_assert!(check.apply(Value::from(id.clone())).is_ok());
        }
    }

    #[test]
    fn ranges_hold(min in -1000_i64..1000, size in 0_i64..1000, n in -3000_i64..3000) {
        let check = Check::Int { min, max: min + size };
        let inside = (min..=min + size).contains(&n);
        prop_assert_eq!(check.apply(json!(n)).is_ok(), inside);
        prop_assert_eq!(check.apply(json!(n.to_string())).is_ok(), inside);
    }
}
