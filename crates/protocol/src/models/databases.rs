//! Databases, collections, tables, documents, rows, indexes, transactions.
use super::{attributes, columns, table::models};

models! {
    ROW_LIST: "rowList" "Rows List" {
        "total": integer; "rows": list (ROW);
    }
    DOCUMENT_LIST: "documentList" "Documents List" {
        "total": integer; "documents": list (DOCUMENT);
    }
    PRESENCE_LIST: "presenceList" "Presences List" {
        "total": integer; "presences": list (PRESENCE);
    }
    TABLE_LIST: "tableList" "Tables List" {
        "total": integer; "tables": list (TABLE);
    }
    COLLECTION_LIST: "collectionList" "Collections List" {
        "total": integer; "collections": list (COLLECTION);
    }
    DATABASE_LIST: "databaseList" "Databases List" {
        "total": integer; "databases": list (DATABASE);
    }
    INDEX_LIST: "indexList" "Indexes List" {
        "total": integer; "indexes": list (INDEX);
    }
    COLUMN_INDEX_LIST: "columnIndexList" "Column Indexes List" {
        "total": integer; "indexes": list (COLUMN_INDEX);
    }
    TRANSACTION_LIST: "transactionList" "Transaction List" {
        "total": integer; "transactions": list (TRANSACTION);
    }
    VECTORSDB_COLLECTION_LIST: "vectorsdbCollectionList" "VectorsDB Collections List" {
        "total": integer; "collections": list (VECTORSDB_COLLECTION);
    }
    EMBEDDING_LIST: "embeddingList" "Embedding list" {
        "total": integer; "embeddings": list (EMBEDDING);
    }
    DATABASE: "database" "Database" {
        "$id": text; "name": text; "$createdAt": datetime; "$updatedAt": datetime; "enabled": boolean = Bool(true);
        "type": text ["legacy", "tablesdb", "documentsdb", "vectorsdb"] = Text("legacy");
    }
    EMBEDDING: "embedding" "Embedding" {
        "model": text; "dimension": integer; "embedding": float list; "error": text;
    }
    COLLECTION: "collection" "Collection" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "databaseId": text; "name": text;
        "enabled": boolean = Bool(true); "documentSecurity": boolean;
        "attributes": list (attributes::ATTRIBUTE_BOOLEAN, attributes::ATTRIBUTE_BIGINT, attributes::ATTRIBUTE_INTEGER, attributes::ATTRIBUTE_FLOAT,
            attributes::ATTRIBUTE_EMAIL, attributes::ATTRIBUTE_ENUM, attributes::ATTRIBUTE_URL, attributes::ATTRIBUTE_IP, attributes::ATTRIBUTE_DATETIME,
            attributes::ATTRIBUTE_RELATIONSHIP, attributes::ATTRIBUTE_POINT, attributes::ATTRIBUTE_LINE, attributes::ATTRIBUTE_POLYGON,
            attributes::ATTRIBUTE_VARCHAR, attributes::ATTRIBUTE_TEXT, attributes::ATTRIBUTE_MEDIUMTEXT, attributes::ATTRIBUTE_LONGTEXT,
            attributes::ATTRIBUTE_STRING); "indexes": list (INDEX); "bytesMax": integer; "bytesUsed": integer;
    }
    VECTORSDB_COLLECTION: "vectorsdbCollection" "VectorsDB Collection" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "databaseId": text; "name": text;
        "enabled": boolean = Bool(true); "documentSecurity": boolean; "attributes": list (attributes::ATTRIBUTE_OBJECT, attributes::ATTRIBUTE_VECTOR);
        "indexes": list (INDEX); "bytesMax": integer; "bytesUsed": integer; "dimension": integer;
    }
    TABLE: "table" "Table" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "databaseId": text; "name": text;
        "enabled": boolean = Bool(true); "rowSecurity": boolean <- "documentSecurity";
        "columns": list <- "attributes" (columns::COLUMN_BOOLEAN, columns::COLUMN_BIGINT, columns::COLUMN_INTEGER, columns::COLUMN_FLOAT,
            columns::COLUMN_EMAIL, columns::COLUMN_ENUM, columns::COLUMN_URL, columns::COLUMN_IP, columns::COLUMN_DATETIME, columns::COLUMN_RELATIONSHIP,
            columns::COLUMN_POINT, columns::COLUMN_LINE, columns::COLUMN_POLYGON, columns::COLUMN_VARCHAR, columns::COLUMN_TEXT, columns::COLUMN_MEDIUMTEXT,
            columns::COLUMN_LONGTEXT, columns::COLUMN_STRING); "indexes": list (COLUMN_INDEX); "bytesMax": integer; "bytesUsed": integer;
    }
    INDEX: "index" "Index" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "key": text; "type": text;
        "status": text ["available", "processing", "deleting", "stuck", "failed"]; "error": text; "attributes": text list; "lengths": integer list;
        "orders": text list nullable;
    }
    COLUMN_INDEX: "columnIndex" "Index" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "key": text; "type": text; "status": text; "error": text;
        "columns": text list <- "attributes"; "lengths": integer list; "orders": text list nullable;
    }
    ROW: "row" "Row" any {
        "$id": text; "$sequence": text; "$tableId": text; "$databaseId": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list;
    }
    DOCUMENT: "document" "Document" any {
        "$id": text; "$sequence": text; "$collectionId": text; "$databaseId": text; "$createdAt": datetime; "$updatedAt": datetime;
        "$permissions": text list;
    }
    PRESENCE: "presence" "Presence" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "userId": text; "status": text nullable; "source": text;
        "expiresAt": datetime nullable; "metadata": json nullable;
    }
    TRANSACTION: "transaction" "Transaction" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "status": text = Text("pending"); "operations": integer; "expiresAt": datetime;
    }
}
