//! Columns of tables.
use super::table::models;

models! {
    COLUMN: "column" "Column" {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime;
    }
    COLUMN_LIST: "columnList" "Columns List" {
        "total": integer;
        "columns": list (COLUMN_BOOLEAN, COLUMN_BIGINT, COLUMN_INTEGER, COLUMN_FLOAT, COLUMN_EMAIL, COLUMN_ENUM, COLUMN_URL, COLUMN_IP, COLUMN_DATETIME,
            COLUMN_RELATIONSHIP, COLUMN_POINT, COLUMN_LINE, COLUMN_POLYGON, COLUMN_VARCHAR, COLUMN_TEXT, COLUMN_MEDIUMTEXT, COLUMN_LONGTEXT, COLUMN_STRING);
    }
    COLUMN_STRING: "columnString" "ColumnString" (("type", ["string"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "size": integer; "default": text nullable; "encrypt": boolean nullable;
    }
    COLUMN_INTEGER: "columnInteger" "ColumnInteger" (("type", ["integer"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": integer nullable; "max": integer nullable;
        "default": integer nullable;
    }
    COLUMN_BIGINT: "columnBigint" "ColumnBigInt" (("type", ["bigint"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": integer nullable; "max": integer nullable;
        "default": integer nullable;
    }
    COLUMN_FLOAT: "columnFloat" "ColumnFloat" (("type", ["double"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": float nullable; "max": float nullable; "default": float nullable;
    }
    COLUMN_BOOLEAN: "columnBoolean" "ColumnBoolean" (("type", ["boolean"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": boolean nullable;
    }
    COLUMN_EMAIL: "columnEmail" "ColumnEmail" (("type", ["string"]), ("format", ["email"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("email"); "default": text nullable;
    }
    COLUMN_ENUM: "columnEnum" "ColumnEnum" (("type", ["string"]), ("format", ["enum"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "elements": text list; "format": text = Text("enum");
        "default": text nullable;
    }
    COLUMN_IP: "columnIp" "ColumnIP" (("type", ["string"]), ("format", ["ip"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("ip"); "default": text nullable;
    }
    COLUMN_URL: "columnUrl" "ColumnURL" (("type", ["string"]), ("format", ["url"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("url"); "default": text nullable;
    }
    COLUMN_DATETIME: "columnDatetime" "ColumnDatetime" (("type", ["datetime"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": datetime = Text("datetime"); "default": text nullable;
    }
    COLUMN_RELATIONSHIP: "columnRelationship" "ColumnRelationship" (("type", ["relationship"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "relatedTable": text <- "relatedCollection"; "relationType": text;
        "twoWay": boolean; "twoWayKey": text; "onDelete": text = Text("restrict"); "side": text;
    }
    COLUMN_POINT: "columnPoint" "ColumnPoint" (("type", ["point"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    COLUMN_LINE: "columnLine" "ColumnLine" (("type", ["linestring"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    COLUMN_POLYGON: "columnPolygon" "ColumnPolygon" (("type", ["polygon"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    COLUMN_VARCHAR: "columnVarchar" "ColumnVarchar" (("type", ["varchar"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "size": integer; "default": text nullable; "encrypt": boolean nullable;
    }
    COLUMN_TEXT: "columnText" "ColumnText" (("type", ["text"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
    COLUMN_MEDIUMTEXT: "columnMediumtext" "ColumnMediumtext" (("type", ["mediumtext"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
    COLUMN_LONGTEXT: "columnLongtext" "ColumnLongtext" (("type", ["longtext"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
}
