//! Attributes of collections.
use super::table::models;

models! {
    ATTRIBUTE: "attribute" "Attribute" {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime;
    }
    ATTRIBUTE_LIST: "attributeList" "Attributes List" {
        "total": integer;
        "attributes": list (ATTRIBUTE_BOOLEAN, ATTRIBUTE_BIGINT, ATTRIBUTE_INTEGER, ATTRIBUTE_FLOAT, ATTRIBUTE_EMAIL, ATTRIBUTE_ENUM, ATTRIBUTE_URL,
            ATTRIBUTE_IP, ATTRIBUTE_DATETIME, ATTRIBUTE_RELATIONSHIP, ATTRIBUTE_POINT, ATTRIBUTE_LINE, ATTRIBUTE_POLYGON, ATTRIBUTE_VARCHAR, ATTRIBUTE_TEXT,
            ATTRIBUTE_MEDIUMTEXT, ATTRIBUTE_LONGTEXT, ATTRIBUTE_STRING);
    }
    ATTRIBUTE_STRING: "attributeString" "AttributeString" (("type", ["string"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "size": integer; "default": text nullable; "encrypt": boolean nullable;
    }
    ATTRIBUTE_INTEGER: "attributeInteger" "AttributeInteger" (("type", ["integer"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": integer nullable; "max": integer nullable;
        "default": integer nullable;
    }
    ATTRIBUTE_BIGINT: "attributeBigint" "AttributeBigInt" (("type", ["bigint"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": integer nullable; "max": integer nullable;
        "default": integer nullable;
    }
    ATTRIBUTE_FLOAT: "attributeFloat" "AttributeFloat" (("type", ["double"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "min": float nullable; "max": float nullable; "default": float nullable;
    }
    ATTRIBUTE_BOOLEAN: "attributeBoolean" "AttributeBoolean" (("type", ["boolean"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": boolean nullable;
    }
    ATTRIBUTE_EMAIL: "attributeEmail" "AttributeEmail" (("type", ["string"]), ("format", ["email"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("email"); "default": text nullable;
    }
    ATTRIBUTE_ENUM: "attributeEnum" "AttributeEnum" (("type", ["string"]), ("format", ["enum"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "elements": text list; "format": text = Text("enum");
        "default": text nullable;
    }
    ATTRIBUTE_IP: "attributeIp" "AttributeIP" (("type", ["string"]), ("format", ["ip"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("ip"); "default": text nullable;
    }
    ATTRIBUTE_URL: "attributeUrl" "AttributeURL" (("type", ["string"]), ("format", ["url"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": text = Text("url"); "default": text nullable;
    }
    ATTRIBUTE_DATETIME: "attributeDatetime" "AttributeDatetime" (("type", ["datetime"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "format": datetime = Text("datetime"); "default": text nullable;
    }
    ATTRIBUTE_RELATIONSHIP: "attributeRelationship" "AttributeRelationship" (("type", ["relationship"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "relatedCollection": text; "relationType": text; "twoWay": boolean;
        "twoWayKey": text; "onDelete": text = Text("restrict"); "side": text;
    }
    ATTRIBUTE_POINT: "attributePoint" "AttributePoint" (("type", ["point"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    ATTRIBUTE_LINE: "attributeLine" "AttributeLine" (("type", ["linestring"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    ATTRIBUTE_POLYGON: "attributePolygon" "AttributePolygon" (("type", ["polygon"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": json list nullable;
    }
    ATTRIBUTE_VARCHAR: "attributeVarchar" "AttributeVarchar" (("type", ["varchar"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "size": integer; "default": text nullable; "encrypt": boolean nullable;
    }
    ATTRIBUTE_TEXT: "attributeText" "AttributeText" (("type", ["text"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
    ATTRIBUTE_MEDIUMTEXT: "attributeMediumtext" "AttributeMediumtext" (("type", ["mediumtext"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
    ATTRIBUTE_LONGTEXT: "attributeLongtext" "AttributeLongtext" (("type", ["longtext"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "default": text nullable; "encrypt": boolean nullable;
    }
    ATTRIBUTE_OBJECT: "attributeObject" "AttributeObject" (("type", ["object"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime;
    }
    ATTRIBUTE_VECTOR: "attributeVector" "AttributeVector" (("type", ["vector"])) {
        "key": text; "type": text; "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "required": boolean;
        "array": boolean nullable; "$createdAt": datetime; "$updatedAt": datetime; "size": integer;
    }
}
