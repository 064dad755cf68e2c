//! The types of attributes and columns: for each its four routes, its parameters, and what they mean.
use database::Kind;
use kernel::{Cx, Reply, Result, endpoint};
use protocol::check::Shape;
use protocol::{Check, params};
use serde_json::Value;

use super::change::{self, Where, or_null};
use super::wanted::Wanted;

/// Longest string, characters.
const STRING_MAX: i64 = 1_073_741_824;
/// Longest varchar, characters.
const VARCHAR_MAX: i64 = 16_381;
/// Sizes of formatted strings, characters.
const EMAIL_SIZE: u64 = 254;
const ENUM_SIZE: u64 = 255;
const IP_SIZE: u64 = 39;
const URL_SIZE: u64 = 2_000;
/// Most characters of the text family, bytes.
const TEXT_SIZE: u64 = 65_535;
const MEDIUMTEXT_SIZE: u64 = 16_777_215;
const LONGTEXT_SIZE: u64 = 4_294_967_295;

const ANY_TEXT: Check = Check::Nullable(&Check::Text { min: 0, max: 0 });

/// One type: routes with SDK names and models for both vocabularies, then parameters of creation and change with what they make.
macro_rules! attribute {
    (
        $module:ident $what:literal
        $create:literal $update:literal ($create_sdk:literal, $update_sdk:literal, $model:literal)
        $create_column:literal $update_column:literal ($create_column_sdk:literal, $update_column_sdk:literal, $column_model:literal)
        create { $( $cf:ident : $ct:ty = $cw:literal, $cc:expr, $cm:ident $($cd:expr)? ; )* } => $make:expr;
        update { $( $uf:ident : $ut:ty = $uw:literal, $uc:expr, $um:ident $($ud:expr)? ; )* } => $apply:expr;
    ) => {
        pub(super) mod $module {
            use super::*;
            params! {
                pub(crate) struct Create {
                    database_id: String = "databaseId", Check::Uid, required;
                    collection_id: String = "collectionId" | "tableId", Check::Uid, required;
                    key: String = "key", Check::Key { max: 36 }, required;
                    $( $cf: $ct = $cw, $cc, $cm $($cd)?; )*
                }
            }
            params! {
                pub(crate) struct Update {
                    database_id: String = "databaseId", Check::Uid, required;
                    collection_id: String = "collectionId" | "tableId", Check::Uid, required;
                    key: String = "key", Check::Key { max: 36 }, required;
                    $( $uf: $ut = $uw, $uc, $um $($ud)?; )*
                    new_key: Option<String> = "newKey", Check::Nullable(&Check::Key { max: 36 }), optional;
                }
            }
            endpoint! {
                #[doc = concat!("Creates ", $what, " attribute.")]
                CREATE: Post $create => 202 $model by create(Create);
                sdk [$create_sdk] auth [Admin, Key] scope ["collections.write"]
                event "databases.[databaseId].collections.[collectionId].attributes.[attributeId].create"
                audit "attribute.create" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
            }
            endpoint! {
                #[doc = concat!("Creates ", $what, " column.")]
                CREATE_COLUMN: Post $create_column => 202 $column_model by create(Create); vocab Tables
                sdk [$create_column_sdk] auth [Admin, Key] scope ["tables.write", "collections.write", "columns.write", "attributes.write"]
                event "databases.[databaseId].tables.[tableId].columns.[columnId].create"
                audit "column.create" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
            }
            endpoint! {
                #[doc = concat!("Changes ", $what, " attribute.")]
                UPDATE: Patch $update => 200 $model by update(Update);
                sdk [$update_sdk] auth [Admin, Key] scope ["collections.write"]
                event "databases.[databaseId].collections.[collectionId].attributes.[attributeId].update"
                audit "attribute.update" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
            }
            endpoint! {
                #[doc = concat!("Changes ", $what, " column.")]
                UPDATE_COLUMN: Patch $update_column => 200 $column_model by update(Update); vocab Tables
                sdk [$update_column_sdk] auth [Admin, Key] scope ["tables.write", "collections.write", "columns.write", "attributes.write"]
                event "databases.[databaseId].tables.[tableId].columns.[columnId].update"
                audit "column.update" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
            }
            fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
                let (database_id, collection_id) = (p.database_id.clone(), p.collection_id.clone());
                let make: fn(Create) -> Wanted = $make;
                change::create(cx, &database_id, &collection_id, make(p))
            }
            fn update(cx: &mut Cx<'_>, mut p: Update) -> Result<Reply> {
                let (database_id, collection_id, key) = (p.database_id.clone(), p.collection_id.clone(), p.key.clone());
                let at = Where { database_id: &database_id, collection_id: &collection_id, key: &key, new_key: p.new_key.take() };
                let apply: fn(Update, &database::Attribute) -> Wanted = $apply;
                change::update(cx, at, |old| apply(p, old))
            }
        }
    };
}

/// A type that has nothing but a default.
macro_rules! plain_attribute {
    (
        $module:ident $what:literal
        $create:literal $update:literal ($create_sdk:literal, $update_sdk:literal, $model:literal)
        $create_column:literal $update_column:literal ($create_column_sdk:literal, $update_column_sdk:literal, $column_model:literal)
        $default:ty, $check:expr => $wanted:expr
    ) => {
        attribute! {
            $module $what
            $create $update ($create_sdk, $update_sdk, $model)
            $create_column $update_column ($create_column_sdk, $update_column_sdk, $column_model)
            create {
                required: bool = "required", Check::Bool, required;
                default: Option<$default> = "default", Check::Nullable(&$check), optional;
                array: bool = "array", Check::Bool, or Bool(false);
            } => |p| $wanted(p.key, p.required, or_null(p.default), p.array);
            update {
                required: bool = "required", Check::Bool, required;
                default: Option<$default> = "default", Check::Nullable(&$check), nullable_required;
            } => |p, _| $wanted(p.key, p.required, or_null(p.default), false);
        }
    };
}

/// A type of the text family.
macro_rules! text_attribute {
    (
        $module:ident $what:literal
        $create:literal $update:literal ($create_sdk:literal, $update_sdk:literal, $model:literal)
        $create_column:literal $update_column:literal ($create_column_sdk:literal, $update_column_sdk:literal, $column_model:literal)
        $kind:expr, $size:expr
    ) => {
        attribute! {
            $module $what
            $create $update ($create_sdk, $update_sdk, $model)
            $create_column $update_column ($create_column_sdk, $update_column_sdk, $column_model)
            create {
                required: bool = "required", Check::Bool, required;
                default: Option<String> = "default", ANY_TEXT, optional;
                array: bool = "array", Check::Bool, or Bool(false);
                encrypt: bool = "encrypt", Check::Bool, or Bool(false);
            } => |p| Wanted { size: $size, encrypt: p.encrypt, ..Wanted::new($kind, p.key, p.required, or_null(p.default), p.array) };
            update {
                required: bool = "required", Check::Bool, required;
                default: Option<String> = "default", ANY_TEXT, nullable_required;
            } => |p, _| Wanted { size: $size, ..Wanted::new($kind, p.key, p.required, or_null(p.default), false) };
        }
    };
}

fn size(given: i64) -> u64 {
    u64::try_from(given).unwrap_or(1)
}

attribute! {
    string "a string"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/string" "/v1/databases/:databaseId/collections/:collectionId/attributes/string/:key"
    ("databases.createStringAttribute", "databases.updateStringAttribute", "attributeString")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/string" "/v1/tablesdb/:databaseId/tables/:tableId/columns/string/:key"
    ("tablesDB.createStringColumn", "tablesDB.updateStringColumn", "columnString")
    create {
        size: i64 = "size", Check::Int { min: 1, max: STRING_MAX }, required;
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", ANY_TEXT, optional;
        array: bool = "array", Check::Bool, or Bool(false);
        encrypt: bool = "encrypt", Check::Bool, or Bool(false);
    } => |p| Wanted { size: size(p.size), encrypt: p.encrypt, ..Wanted::new(Kind::String, p.key, p.required, or_null(p.default), p.array) };
    update {
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", ANY_TEXT, nullable_required;
        size: Option<i64> = "size", Check::Nullable(&Check::Int { min: 1, max: STRING_MAX }), optional;
    } => |p, old| Wanted { size: p.size.map_or(old.size, size), ..Wanted::new(Kind::String, p.key, p.required, or_null(p.default), false) };
}

attribute! {
    varchar "a varchar"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/varchar" "/v1/databases/:databaseId/collections/:collectionId/attributes/varchar/:key"
    ("databases.createVarcharAttribute", "databases.updateVarcharAttribute", "attributeVarchar")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/varchar" "/v1/tablesdb/:databaseId/tables/:tableId/columns/varchar/:key"
    ("tablesDB.createVarcharColumn", "tablesDB.updateVarcharColumn", "columnVarchar")
    create {
        size: i64 = "size", Check::Int { min: 1, max: VARCHAR_MAX }, required;
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", ANY_TEXT, optional;
        array: bool = "array", Check::Bool, or Bool(false);
        encrypt: bool = "encrypt", Check::Bool, or Bool(false);
    } => |p| Wanted { size: size(p.size), encrypt: p.encrypt, ..Wanted::new(Kind::Varchar, p.key, p.required, or_null(p.default), p.array) };
    update {
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", ANY_TEXT, nullable_required;
        size: Option<i64> = "size", Check::Nullable(&Check::Int { min: 1, max: VARCHAR_MAX }), optional;
    } => |p, old| Wanted { size: p.size.map_or(old.size, size), ..Wanted::new(Kind::Varchar, p.key, p.required, or_null(p.default), false) };
}

text_attribute! {
    text "a text"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/text" "/v1/databases/:databaseId/collections/:collectionId/attributes/text/:key"
    ("databases.createTextAttribute", "databases.updateTextAttribute", "attributeText")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/text" "/v1/tablesdb/:databaseId/tables/:tableId/columns/text/:key"
    ("tablesDB.createTextColumn", "tablesDB.updateTextColumn", "columnText")
    Kind::Text, TEXT_SIZE
}
text_attribute! {
    mediumtext "a medium text"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/mediumtext" "/v1/databases/:databaseId/collections/:collectionId/attributes/mediumtext/:key"
    ("databases.createMediumtextAttribute", "databases.updateMediumtextAttribute", "attributeMediumtext")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/mediumtext" "/v1/tablesdb/:databaseId/tables/:tableId/columns/mediumtext/:key"
    ("tablesDB.createMediumtextColumn", "tablesDB.updateMediumtextColumn", "columnMediumtext")
    Kind::Mediumtext, MEDIUMTEXT_SIZE
}
text_attribute! {
    longtext "a long text"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/longtext" "/v1/databases/:databaseId/collections/:collectionId/attributes/longtext/:key"
    ("databases.createLongtextAttribute", "databases.updateLongtextAttribute", "attributeLongtext")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/longtext" "/v1/tablesdb/:databaseId/tables/:tableId/columns/longtext/:key"
    ("tablesDB.createLongtextColumn", "tablesDB.updateLongtextColumn", "columnLongtext")
    Kind::Longtext, LONGTEXT_SIZE
}

attribute! {
    integer "an integer"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/integer" "/v1/databases/:databaseId/collections/:collectionId/attributes/integer/:key"
    ("databases.createIntegerAttribute", "databases.updateIntegerAttribute", "attributeInteger")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/integer" "/v1/tablesdb/:databaseId/tables/:tableId/columns/integer/:key"
    ("tablesDB.createIntegerColumn", "tablesDB.updateIntegerColumn", "columnInteger")
    create {
        required: bool = "required", Check::Bool, required;
        min: Option<i64> = "min", Check::Nullable(&Check::Int64), optional;
        max: Option<i64> = "max", Check::Nullable(&Check::Int64), optional;
        default: Option<i64> = "default", Check::Nullable(&Check::Int64), optional;
        array: bool = "array", Check::Bool, or Bool(false);
    } => |p| Wanted::new(Kind::Integer, p.key, p.required, or_null(p.default), p.array).between_ints(p.min, p.max);
    update {
        required: bool = "required", Check::Bool, required;
        min: Option<i64> = "min", Check::Nullable(&Check::Int64), optional;
        max: Option<i64> = "max", Check::Nullable(&Check::Int64), optional;
        default: Option<i64> = "default", Check::Nullable(&Check::Int64), nullable_required;
    } => |p, old| Wanted::new(Kind::Integer, p.key, p.required, or_null(p.default), false).between_ints(p.min.or(old.min.as_i64()), p.max.or(old.max.as_i64()));
}

attribute! {
    bigint "a big integer"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/bigint" "/v1/databases/:databaseId/collections/:collectionId/attributes/bigint/:key"
    ("databases.createBigIntAttribute", "databases.updateBigIntAttribute", "attributeBigint")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/bigint" "/v1/tablesdb/:databaseId/tables/:tableId/columns/bigint/:key"
    ("tablesDB.createBigIntColumn", "tablesDB.updateBigIntColumn", "columnBigint")
    create {
        required: bool = "required", Check::Bool, required;
        min: Option<i64> = "min", Check::Nullable(&Check::Int64), optional;
        max: Option<i64> = "max", Check::Nullable(&Check::Int64), optional;
        default: Option<i64> = "default", Check::Nullable(&Check::Int64), optional;
        array: bool = "array", Check::Bool, or Bool(false);
    } => |p| Wanted::new(Kind::Bigint, p.key, p.required, or_null(p.default), p.array).between_ints(p.min, p.max);
    update {
        required: bool = "required", Check::Bool, required;
        min: Option<i64> = "min", Check::Nullable(&Check::Int64), optional;
        max: Option<i64> = "max", Check::Nullable(&Check::Int64), optional;
        default: Option<i64> = "default", Check::Nullable(&Check::Int64), nullable_required;
    } => |p, old| Wanted::new(Kind::Bigint, p.key, p.required, or_null(p.default), false).between_ints(p.min.or(old.min.as_i64()), p.max.or(old.max.as_i64()));
}

attribute! {
    float "a float"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/float" "/v1/databases/:databaseId/collections/:collectionId/attributes/float/:key"
    ("databases.createFloatAttribute", "databases.updateFloatAttribute", "attributeFloat")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/float" "/v1/tablesdb/:databaseId/tables/:tableId/columns/float/:key"
    ("tablesDB.createFloatColumn", "tablesDB.updateFloatColumn", "columnFloat")
    create {
        required: bool = "required", Check::Bool, required;
        min: Option<f64> = "min", Check::Nullable(&Check::Float), optional;
        max: Option<f64> = "max", Check::Nullable(&Check::Float), optional;
        default: Option<f64> = "default", Check::Nullable(&Check::Float), optional;
        array: bool = "array", Check::Bool, or Bool(false);
    } => |p| Wanted::new(Kind::Double, p.key, p.required, or_null(p.default), p.array).between_floats(p.min, p.max);
    update {
        required: bool = "required", Check::Bool, required;
        min: Option<f64> = "min", Check::Nullable(&Check::Float), optional;
        max: Option<f64> = "max", Check::Nullable(&Check::Float), optional;
        default: Option<f64> = "default", Check::Nullable(&Check::Float), nullable_required;
    } => |p, old| Wanted::new(Kind::Double, p.key, p.required, or_null(p.default), false).between_floats(p.min.or(old.min.as_f64()), p.max.or(old.max.as_f64()));
}

attribute! {
    enumeration "an enum"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/enum" "/v1/databases/:databaseId/collections/:collectionId/attributes/enum/:key"
    ("databases.createEnumAttribute", "databases.updateEnumAttribute", "attributeEnum")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/enum" "/v1/tablesdb/:databaseId/tables/:tableId/columns/enum/:key"
    ("tablesDB.createEnumColumn", "tablesDB.updateEnumColumn", "columnEnum")
    create {
        elements: Vec<String> = "elements", Check::List(&Check::Text { min: 1, max: 255 }, 100), required;
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", Check::Nullable(&Check::Text { min: 1, max: 0 }), optional;
        array: bool = "array", Check::Bool, or Bool(false);
    } => |p| Wanted { elements: p.elements, ..Wanted::formatted("enum", ENUM_SIZE, p.key, p.required, or_null(p.default), p.array) };
    update {
        elements: Vec<String> = "elements", Check::List(&Check::Text { min: 1, max: 255 }, 100), required;
        required: bool = "required", Check::Bool, required;
        default: Option<String> = "default", Check::Nullable(&Check::Text { min: 1, max: 0 }), nullable_required;
    } => |p, _| Wanted { elements: p.elements, ..Wanted::formatted("enum", ENUM_SIZE, p.key, p.required, or_null(p.default), false) };
}

plain_attribute! {
    boolean "a boolean"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/boolean" "/v1/databases/:databaseId/collections/:collectionId/attributes/boolean/:key"
    ("databases.createBooleanAttribute", "databases.updateBooleanAttribute", "attributeBoolean")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/boolean" "/v1/tablesdb/:databaseId/tables/:tableId/columns/boolean/:key"
    ("tablesDB.createBooleanColumn", "tablesDB.updateBooleanColumn", "columnBoolean")
    bool, Check::Bool => |key, required, default, array| Wanted::new(Kind::Boolean, key, required, default, array)
}
plain_attribute! {
    datetime "a datetime"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/datetime" "/v1/databases/:databaseId/collections/:collectionId/attributes/datetime/:key"
    ("databases.createDatetimeAttribute", "databases.updateDatetimeAttribute", "attributeDatetime")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/datetime" "/v1/tablesdb/:databaseId/tables/:tableId/columns/datetime/:key"
    ("tablesDB.createDatetimeColumn", "tablesDB.updateDatetimeColumn", "columnDatetime")
    String, Check::AttributeDatetime => |key, required, default, array| Wanted::new(Kind::Datetime, key, required, default, array)
}
plain_attribute! {
    email "an e-mail"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/email" "/v1/databases/:databaseId/collections/:collectionId/attributes/email/:key"
    ("databases.createEmailAttribute", "databases.updateEmailAttribute", "attributeEmail")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/email" "/v1/tablesdb/:databaseId/tables/:tableId/columns/email/:key"
    ("tablesDB.createEmailColumn", "tablesDB.updateEmailColumn", "columnEmail")
    String, Check::Email => |key, required, default, array| Wanted::formatted("email", EMAIL_SIZE, key, required, default, array)
}
plain_attribute! {
    ip "an IP address"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/ip" "/v1/databases/:databaseId/collections/:collectionId/attributes/ip/:key"
    ("databases.createIpAttribute", "databases.updateIpAttribute", "attributeIp")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/ip" "/v1/tablesdb/:databaseId/tables/:tableId/columns/ip/:key"
    ("tablesDB.createIpColumn", "tablesDB.updateIpColumn", "columnIp")
    String, Check::Ip => |key, required, default, array| Wanted::formatted("ip", IP_SIZE, key, required, default, array)
}
plain_attribute! {
    url "a URL"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/url" "/v1/databases/:databaseId/collections/:collectionId/attributes/url/:key"
    ("databases.createUrlAttribute", "databases.updateUrlAttribute", "attributeUrl")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/url" "/v1/tablesdb/:databaseId/tables/:tableId/columns/url/:key"
    ("tablesDB.createUrlColumn", "tablesDB.updateUrlColumn", "columnUrl")
    String, Check::Url => |key, required, default, array| Wanted::formatted("url", URL_SIZE, key, required, default, array)
}

/// A spatial type.
macro_rules! spatial_attribute {
    (
        $module:ident $what:literal
        $create:literal $update:literal ($create_sdk:literal, $update_sdk:literal, $model:literal)
        $create_column:literal $update_column:literal ($create_column_sdk:literal, $update_column_sdk:literal, $column_model:literal)
        $kind:expr, $shape:expr
    ) => {
        attribute! {
            $module $what
            $create $update ($create_sdk, $update_sdk, $model)
            $create_column $update_column ($create_column_sdk, $update_column_sdk, $column_model)
            create {
                required: bool = "required", Check::Bool, required;
                default: Option<Value> = "default", Check::Nullable(&Check::Spatial($shape)), optional;
            } => |p| Wanted::new($kind, p.key, p.required, or_null(p.default), false);
            update {
                required: bool = "required", Check::Bool, required;
                default: Option<Value> = "default", Check::Nullable(&Check::Spatial($shape)), optional;
            } => |p, _| Wanted::new($kind, p.key, p.required, or_null(p.default), false);
        }
    };
}
spatial_attribute! {
    point "a point"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/point" "/v1/databases/:databaseId/collections/:collectionId/attributes/point/:key"
    ("databases.createPointAttribute", "databases.updatePointAttribute", "attributePoint")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/point" "/v1/tablesdb/:databaseId/tables/:tableId/columns/point/:key"
    ("tablesDB.createPointColumn", "tablesDB.updatePointColumn", "columnPoint")
    Kind::Point, Shape::Point
}
spatial_attribute! {
    line "a line"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/line" "/v1/databases/:databaseId/collections/:collectionId/attributes/line/:key"
    ("databases.createLineAttribute", "databases.updateLineAttribute", "attributeLine")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/line" "/v1/tablesdb/:databaseId/tables/:tableId/columns/line/:key"
    ("tablesDB.createLineColumn", "tablesDB.updateLineColumn", "columnLine")
    Kind::Linestring, Shape::Line
}
spatial_attribute! {
    polygon "a polygon"
    "/v1/databases/:databaseId/collections/:collectionId/attributes/polygon" "/v1/databases/:databaseId/collections/:collectionId/attributes/polygon/:key"
    ("databases.createPolygonAttribute", "databases.updatePolygonAttribute", "attributePolygon")
    "/v1/tablesdb/:databaseId/tables/:tableId/columns/polygon" "/v1/tablesdb/:databaseId/tables/:tableId/columns/polygon/:key"
    ("tablesDB.createPolygonColumn", "tablesDB.updatePolygonColumn", "columnPolygon")
    Kind::Polygon, Shape::Polygon
}
