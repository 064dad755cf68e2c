//! Databases, collections' metadata, buckets and files.
use super::Type::{Bool, Int, Json, Str, Strs, Time};
use super::{Attr, Idx, Table};

pub(super) const DATABASES: Table = Table {
    name: "databases",
    document_security: false,
    attributes: &[Attr("name", Str(256)), Attr("enabled", Bool), Attr("type", Str(128)), Attr("search", Str(16384))],
    indexes: &[Idx::Key("_key_name", &["name"]), Idx::Text("_fulltext_search", "search")],
};

/// Metadata of the collections of one database, kept as `database_<sequence>`; the schema itself is in the engine's catalog
/// under `database_<sequence>_collection_<sequence>`.
pub const COLLECTIONS: Table = Table {
    name: "collections",
    document_security: false,
    attributes: &[Attr("name", Str(256)), Attr("enabled", Bool), Attr("documentSecurity", Bool), Attr("search", Str(16384))],
    indexes: &[
        Idx::Key("_key_name", &["name"]),
        Idx::Key("_key_enabled", &["enabled"]),
        Idx::Key("_key_documentSecurity", &["documentSecurity"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};

/// Transactions of apps; what they are to do is in [`TRANSACTION_LOGS`].
pub(super) const TRANSACTIONS: Table = Table {
    name: "transactions",
    document_security: true,
    attributes: &[Attr("status", Str(16)), Attr("operations", Int), Attr("expiresAt", Time)],
    indexes: &[Idx::Key("_key_expiresAt", &["expiresAt"])],
};

/// Operations of transactions that are still open, in order.
pub(super) const TRANSACTION_LOGS: Table = Table {
    name: "transactionLogs",
    document_security: false,
    attributes: &[
        // Sequence of the transaction.
        Attr("transaction", Int),
        Attr("databaseId", Str(36)),
        Attr("collectionId", Str(36)),
        // Name of the collection in the engine.
        Attr("store", Str(255)),
        Attr("action", Str(16)),
        Attr("documentId", Str(36)),
        Attr("data", Json),
        // What the document was when the operation came.
        Attr("seen", Str(64)),
    ],
    indexes: &[Idx::Key("_key_transaction", &["transaction"])],
};

pub(super) const BUCKETS: Table = Table {
    name: "buckets",
    document_security: false,
    attributes: &[
        Attr("enabled", Bool),
        Attr("name", Str(128)),
        Attr("fileSecurity", Bool),
        Attr("maximumFileSize", Int),
        Attr("allowedFileExtensions", Strs(64)),
        Attr("compression", Str(10)),
        Attr("encryption", Bool),
        Attr("antivirus", Bool),
        Attr("transformations", Bool),
        Attr("totalSize", Int),
        // What is set through routes of our own: `deduplicate`; how many declared references are still being filled in: `filling`.
        Attr("additions", Json),
        Attr("search", Str(16384)),
    ],
    indexes: &[
        Idx::Key("_key_name", &["name"]),
        Idx::Key("_key_enabled", &["enabled"]),
        Idx::Key("_key_fileSecurity", &["fileSecurity"]),
        Idx::Key("_key_maximumFileSize", &["maximumFileSize"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};

/// Variables that functions and sites of the project find in their environment.
pub(super) const VARIABLES: Table = Table {
    name: "variables",
    document_security: false,
    attributes: &[
        Attr("resourceType", Str(100)),
        Attr("resourceId", Str(255)),
        Attr("key", Str(255)),
        // Sealed.
        Attr("value", Str(65535)),
        Attr("secret", Bool),
        Attr("search", Str(16384)),
    ],
    indexes: &[
        Idx::Unique("_key_uniqueKey", &["resourceId", "key", "resourceType"]),
        Idx::Key("_key_resourceType", &["resourceType"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};

/// Figures of use, by hour, by day and since ever.
pub(super) const STATS: Table = Table {
    name: "stats",
    document_security: false,
    attributes: &[Attr("metric", Str(255)), Attr("period", Str(4)), Attr("time", Time), Attr("value", Int)],
    indexes: &[Idx::Key("_key_time", &["time"])],
};

/// Tokens that let whoever has them read one file.
pub(super) const RESOURCE_TOKENS: Table = Table {
    name: "resourceTokens",
    document_security: false,
    attributes: &[
        Attr("resourceId", Str(255)),
        Attr("resourceInternalId", Str(255)),
        Attr("resourceType", Str(100)),
        Attr("expire", Time),
        Attr("accessedAt", Time),
    ],
    indexes: &[Idx::Key("_key_resourceInternalId_resourceType", &["resourceInternalId", "resourceType"])],
};

/// Files that wait for the commit of a transaction. Nobody sees them; what a record of a file would say is in `data`.
pub(super) const STAGED_FILES: Table = Table {
    name: "stagedFiles",
    document_security: false,
    attributes: &[
        // Sequence of the transaction.
        Attr("transaction", Int),
        // Sequence of the bucket, and its id.
        Attr("bucket", Int),
        Attr("bucketId", Str(36)),
        Attr("fileId", Str(36)),
        Attr("permissions", Json),
        Attr("data", Json),
    ],
    indexes: &[Idx::Unique("_key_file", &["transaction", "bucket", "fileId"])],
};

/// Which attribute of which document names which file, of attributes that are declared to name files.
pub(super) const FILE_REFERENCES: Table = Table {
    name: "fileReferences",
    document_security: false,
    attributes: &[
        // Numbers of the engine, which are never given twice.
        Attr("collection", Int),
        Attr("attribute", Int),
        Attr("document", Int),
        // Sequences, as a new file may have the id of an old one.
        Attr("bucket", Int),
        Attr("file", Int),
        Attr("fileId", Str(36)),
        // Whether the file goes when nothing names it any more.
        Attr("release", Bool),
    ],
    indexes: &[Idx::Key("_key_document", &["collection", "attribute", "document"]), Idx::Key("_key_file", &["bucket", "file"])],
};

/// Files of one bucket, kept as `bucket_<sequence>`.
pub const FILES: Table = Table {
    name: "files",
    document_security: true,
    attributes: &[
        Attr("bucketId", Str(36)),
        Attr("name", Str(2048)),
        Attr("path", Str(2048)),
        Attr("signature", Str(2048)),
        Attr("sha256", Str(64)),
        Attr("mimeType", Str(255)),
        Attr("sizeOriginal", Int),
        Attr("sizeActual", Int),
        Attr("compression", Str(16)),
        Attr("encryption", Bool),
        Attr("chunksTotal", Int),
        Attr("chunksUploaded", Int),
        Attr("blob", Json),
        // When a preview was last made of it, to the day.
        Attr("transformedAt", Time),
        Attr("search", Str(16384)),
    ],
    indexes: &[
        Idx::Key("_key_name", &["name"]),
        Idx::Key("_key_signature", &["signature"]),
        Idx::Key("_key_sha256", &["sha256"]),
        Idx::Key("_key_mimeType", &["mimeType"]),
        Idx::Key("_key_sizeOriginal", &["sizeOriginal"]),
        Idx::Key("_key_chunksTotal", &["chunksTotal"]),
        Idx::Key("_key_chunksUploaded", &["chunksUploaded"]),
        Idx::Key("_key_transformedAt", &["transformedAt"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};
