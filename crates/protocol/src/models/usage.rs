//! Usage figures.
use super::{general, table::models};

models! {
    USAGE_DOCUMENTSDBS: "usageDocumentsDBs" "UsageDocumentsDBs" {
        "range": text; "databasesTotal": integer; "collectionsTotal": integer; "documentsTotal": integer; "storageTotal": integer;
        "databasesReadsTotal": integer; "databasesWritesTotal": integer; "databases": list (general::METRIC); "collections": list (general::METRIC);
        "documents": list (general::METRIC); "storage": list (general::METRIC); "databasesReads": list (general::METRIC);
        "databasesWrites": list (general::METRIC);
    }
    USAGE_DOCUMENTSDB: "usageDocumentsDB" "UsageDocumentsDB" {
        "range": text; "collectionsTotal": integer; "documentsTotal": integer; "storageTotal": integer; "databaseReadsTotal": integer;
        "databaseWritesTotal": integer; "collections": list (general::METRIC); "documents": list (general::METRIC); "storage": list (general::METRIC);
        "databaseReads": list (general::METRIC); "databaseWrites": list (general::METRIC);
    }
    USAGE_VECTORSDBS: "usageVectorsDBs" "UsageVectorsDBs" {
        "range": text; "databasesTotal": integer; "collectionsTotal": integer; "documentsTotal": integer; "storageTotal": integer;
        "databasesReadsTotal": integer; "databasesWritesTotal": integer; "databases": list (general::METRIC); "collections": list (general::METRIC);
        "documents": list (general::METRIC); "storage": list (general::METRIC); "databasesReads": list (general::METRIC);
        "databasesWrites": list (general::METRIC);
    }
    USAGE_VECTORSDB: "usageVectorsDB" "UsageVectorsDB" {
        "range": text; "collectionsTotal": integer; "documentsTotal": integer; "storageTotal": integer; "databaseReadsTotal": integer;
        "databaseWritesTotal": integer; "collections": list (general::METRIC); "documents": list (general::METRIC); "storage": list (general::METRIC);
        "databaseReads": list (general::METRIC); "databaseWrites": list (general::METRIC);
    }
    USAGE_DATABASES: "usageDatabases" "UsageDatabases" {
        "range": text; "databasesTotal": integer; "collectionsTotal": integer; "tablesTotal": integer; "documentsTotal": integer; "rowsTotal": integer;
        "storageTotal": integer; "databasesReadsTotal": integer; "databasesWritesTotal": integer; "databases": list (general::METRIC);
        "collections": list (general::METRIC); "tables": list (general::METRIC); "documents": list (general::METRIC); "rows": list (general::METRIC);
        "storage": list (general::METRIC); "databasesReads": list (general::METRIC); "databasesWrites": list (general::METRIC);
    }
    USAGE_DATABASE: "usageDatabase" "UsageDatabase" {
        "range": text; "collectionsTotal": integer; "tablesTotal": integer; "documentsTotal": integer; "rowsTotal": integer; "storageTotal": integer;
        "databaseReadsTotal": integer; "databaseWritesTotal": integer; "collections": list (general::METRIC); "tables": list (general::METRIC);
        "documents": list (general::METRIC); "rows": list (general::METRIC); "storage": list (general::METRIC); "databaseReads": list (general::METRIC);
        "databaseWrites": list (general::METRIC);
    }
    USAGE_TABLE: "usageTable" "UsageTable" {
        "range": text; "rowsTotal": integer; "rows": list (general::METRIC);
    }
    USAGE_COLLECTION: "usageCollection" "UsageCollection" {
        "range": text; "documentsTotal": integer; "documents": list (general::METRIC);
    }
    USAGE_USERS: "usageUsers" "UsageUsers" {
        "range": text; "usersTotal": integer; "sessionsTotal": integer; "users": list (general::METRIC); "sessions": list (general::METRIC);
    }
    USAGE_PRESENCE: "usagePresence" "UsagePresence" {
        "range": text; "usersOnlineTotal": integer; "presences": list (general::METRIC);
    }
    USAGE_STORAGE: "usageStorage" "StorageUsage" {
        "range": text; "bucketsTotal": integer; "filesTotal": integer; "filesStorageTotal": integer; "buckets": list (general::METRIC);
        "files": list (general::METRIC); "storage": list (general::METRIC);
    }
    USAGE_BUCKETS: "usageBuckets" "UsageBuckets" {
        "range": text; "filesTotal": integer; "filesStorageTotal": integer; "files": list (general::METRIC); "storage": list (general::METRIC);
        "imageTransformations": list (general::METRIC); "imageTransformationsTotal": integer;
    }
    USAGE_FUNCTIONS: "usageFunctions" "UsageFunctions" {
        "range": text; "functionsTotal": integer; "deploymentsTotal": integer; "deploymentsStorageTotal": integer; "buildsTotal": integer;
        "buildsStorageTotal": integer; "buildsTimeTotal": integer; "buildsMbSecondsTotal": integer; "executionsTotal": integer;
        "executionsTimeTotal": integer; "executionsMbSecondsTotal": integer; "functions": list (general::METRIC) = Int(0);
        "deployments": list (general::METRIC); "deploymentsStorage": list (general::METRIC); "buildsSuccessTotal": integer; "buildsFailedTotal": integer;
        "builds": list (general::METRIC); "buildsStorage": list (general::METRIC); "buildsTime": list (general::METRIC);
        "buildsMbSeconds": list (general::METRIC); "executions": list (general::METRIC); "executionsTime": list (general::METRIC);
        "executionsMbSeconds": list (general::METRIC); "buildsSuccess": list (general::METRIC); "buildsFailed": list (general::METRIC);
    }
    USAGE_FUNCTION: "usageFunction" "UsageFunction" {
        "range": text; "deploymentsTotal": integer; "deploymentsStorageTotal": integer; "buildsTotal": integer; "buildsSuccessTotal": integer;
        "buildsFailedTotal": integer; "buildsStorageTotal": integer; "buildsTimeTotal": integer; "buildsTimeAverage": integer;
        "buildsMbSecondsTotal": integer; "executionsTotal": integer; "executionsTimeTotal": integer; "executionsMbSecondsTotal": integer;
        "deployments": list (general::METRIC); "deploymentsStorage": list (general::METRIC); "builds": list (general::METRIC);
        "buildsStorage": list (general::METRIC); "buildsTime": list (general::METRIC); "buildsMbSeconds": list (general::METRIC);
        "executions": list (general::METRIC); "executionsTime": list (general::METRIC); "executionsMbSeconds": list (general::METRIC);
        "buildsSuccess": list (general::METRIC); "buildsFailed": list (general::METRIC);
    }
    USAGE_SITES: "usageSites" "UsageSites" {
        "range": text; "sitesTotal": integer; "sites": list (general::METRIC); "deploymentsTotal": integer; "deploymentsStorageTotal": integer;
        "buildsTotal": integer; "buildsStorageTotal": integer; "buildsTimeTotal": integer; "buildsMbSecondsTotal": integer; "executionsTotal": integer;
        "executionsTimeTotal": integer; "executionsMbSecondsTotal": integer; "requestsTotal": integer; "requests": list (general::METRIC);
        "inboundTotal": integer; "inbound": list (general::METRIC); "outboundTotal": integer; "outbound": list (general::METRIC);
        "deployments": list (general::METRIC); "deploymentsStorage": list (general::METRIC); "buildsSuccessTotal": integer; "buildsFailedTotal": integer;
        "builds": list (general::METRIC); "buildsStorage": list (general::METRIC); "buildsTime": list (general::METRIC);
        "buildsMbSeconds": list (general::METRIC); "executions": list (general::METRIC); "executionsTime": list (general::METRIC);
        "executionsMbSeconds": list (general::METRIC); "buildsSuccess": list (general::METRIC); "buildsFailed": list (general::METRIC);
    }
    USAGE_SITE: "usageSite" "UsageSite" {
        "range": text; "deploymentsTotal": integer; "deploymentsStorageTotal": integer; "buildsTotal": integer; "buildsSuccessTotal": integer;
        "buildsFailedTotal": integer; "buildsStorageTotal": integer; "buildsTimeTotal": integer; "buildsTimeAverage": integer;
        "buildsMbSecondsTotal": integer; "executionsTotal": integer; "executionsTimeTotal": integer; "executionsMbSecondsTotal": integer;
        "deployments": list (general::METRIC); "deploymentsStorage": list (general::METRIC); "builds": list (general::METRIC);
        "buildsStorage": list (general::METRIC); "buildsTime": list (general::METRIC); "buildsMbSeconds": list (general::METRIC);
        "executions": list (general::METRIC); "executionsTime": list (general::METRIC); "executionsMbSeconds": list (general::METRIC);
        "buildsSuccess": list (general::METRIC); "buildsFailed": list (general::METRIC); "requestsTotal": integer; "requests": list (general::METRIC);
        "inboundTotal": integer; "inbound": list (general::METRIC); "outboundTotal": integer; "outbound": list (general::METRIC);
    }
    USAGE_PROJECT: "usageProject" "UsageProject" {
        "executionsTotal": integer; "documentsTotal": integer; "documentsdbDocumentsTotal": integer; "rowsTotal": integer; "databasesTotal": integer;
        "documentsdbTotal": integer; "databasesStorageTotal": integer; "documentsdbDatabasesStorageTotal": integer; "usersTotal": integer;
        "filesStorageTotal": integer; "functionsStorageTotal": integer; "buildsStorageTotal": integer; "deploymentsStorageTotal": integer;
        "bucketsTotal": integer; "executionsMbSecondsTotal": integer; "buildsMbSecondsTotal": integer; "databasesReadsTotal": integer;
        "databasesWritesTotal": integer; "documentsdbDatabasesReadsTotal": integer; "documentsdbDatabasesWritesTotal": integer;
        "requests": list (general::METRIC); "network": list (general::METRIC); "users": list (general::METRIC); "executions": list (general::METRIC);
        "executionsBreakdown": list (general::METRIC_BREAKDOWN); "bucketsBreakdown": list (general::METRIC_BREAKDOWN);
        "databasesStorageBreakdown": list (general::METRIC_BREAKDOWN); "executionsMbSecondsBreakdown": list (general::METRIC_BREAKDOWN);
        "buildsMbSecondsBreakdown": list (general::METRIC_BREAKDOWN); "functionsStorageBreakdown": list (general::METRIC_BREAKDOWN);
        "authPhoneTotal": integer; "authPhoneEstimate": float; "authPhoneCountryBreakdown": list (general::METRIC_BREAKDOWN);
        "databasesReads": list (general::METRIC); "databasesWrites": list (general::METRIC); "documentsdbDatabasesReads": list (general::METRIC);
        "documentsdbDatabasesWrites": list (general::METRIC); "documentsdbDatabasesStorage": list (general::METRIC);
        "imageTransformations": list (general::METRIC); "imageTransformationsTotal": integer; "vectorsdbDatabasesTotal": integer;
        "vectorsdbCollectionsTotal": integer; "vectorsdbDocumentsTotal": integer; "vectorsdbDatabasesStorageTotal": integer;
        "vectorsdbDatabasesReadsTotal": integer; "vectorsdbDatabasesWritesTotal": integer; "vectorsdbDatabases": list (general::METRIC);
        "vectorsdbCollections": list (general::METRIC); "vectorsdbDocuments": list (general::METRIC); "vectorsdbDatabasesStorage": list (general::METRIC);
        "vectorsdbDatabasesReads": list (general::METRIC); "vectorsdbDatabasesWrites": list (general::METRIC); "embeddingsText": (general::METRIC);
        "embeddingsTextTokens": (general::METRIC); "embeddingsTextDuration": (general::METRIC); "embeddingsTextErrors": (general::METRIC);
        "embeddingsTextTotal": (general::METRIC) = Int(0); "embeddingsTextTokensTotal": (general::METRIC) = Int(0);
        "embeddingsTextDurationTotal": (general::METRIC) = Int(0); "embeddingsTextErrorsTotal": (general::METRIC) = Int(0);
    }
}
