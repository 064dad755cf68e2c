//! What each typed list may be queried by: attributes with their types, and whether `select` is allowed.
use crate::check::ListQueries;

/// Declares one constant per list; the four internal attributes are added to each.
macro_rules! lists {
    ($($name:ident = $label:literal, select $select:literal, [$($key:literal: $kind:literal),* $(,)?];)*) => {
        $(
            #[doc = concat!("Lists of ", $label, ".")]
            pub const $name: ListQueries = ListQueries {
                name: $label,
                filters: &[
                    $(($key, $kind),)*
                    ("$id", "string"),
                    ("$createdAt", "datetime"),
                    ("$updatedAt", "datetime"),
                    ("$sequence", "integer"),
                ],
                select: $select,
            };
        )*
        /// All of them, in table order.
        pub const ALL: &[&ListQueries] = &[$(&$name,)*];
    };
}

lists! {
    IDENTITIES = "Identities", select false, [
        "userId": "string",
        "provider": "string",
        "providerUid": "string",
        "providerEmail": "string",
        "providerAccessTokenExpiry": "datetime",
    ];
    USERS = "Users", select false, [
        "name": "string",
        "email": "string",
        "phone": "string",
        "status": "boolean",
        "labels": "string[]",
        "passwordUpdate": "datetime",
        "registration": "datetime",
        "emailVerification": "boolean",
        "phoneVerification": "boolean",
        "impersonator": "boolean",
    ];
    MEMBERSHIPS = "Memberships", select false, [
        "userId": "string",
        "teamId": "string",
        "roles": "string[]",
        "invited": "datetime",
        "joined": "datetime",
        "confirm": "boolean",
    ];
    TARGETS = "Targets", select false, [
        "userId": "string",
        "providerType": "string",
        "providerId": "string",
        "identifier": "string",
    ];
    PROVIDERS = "Providers", select false, [
        "name": "string",
        "provider": "string",
        "type": "string",
        "enabled": "boolean",
    ];
    TOPICS = "Topics", select false, [
        "name": "string",
        "emailTotal": "integer",
        "smsTotal": "integer",
        "pushTotal": "integer",
    ];
    SUBSCRIBERS = "Subscribers", select false, [
        "targetId": "string",
        "userId": "string",
        "topicId": "string",
        "providerType": "string",
    ];
    MESSAGES = "Messages", select false, [
        "providerType": "string",
        "status": "string",
        "scheduledAt": "datetime",
        "deliveredAt": "datetime",
        "deliveredTotal": "integer",
    ];
    DATABASES = "Databases", select false, [
        "name": "string",
    ];
    COLLECTIONS = "Collections", select false, [
        "name": "string",
        "enabled": "boolean",
        "documentSecurity": "boolean",
    ];
    ATTRIBUTES = "Attributes", select false, [
        "key": "string",
        "type": "string",
        "status": "string",
        "error": "string",
        "size": "integer",
        "required": "boolean",
        "array": "boolean",
    ];
    INDEXES = "Indexes", select false, [
        "key": "string",
        "type": "string",
        "status": "string",
        "error": "string",
        "attributes": "string[]",
    ];
    TRANSACTIONS = "Transactions", select false, [
        "status": "string",
        "expiresAt": "datetime",
    ];
    TABLES = "Tables", select false, [
        "name": "string",
        "enabled": "boolean",
    ];
    COLUMNS = "Columns", select false, [
        "key": "string",
        "type": "string",
        "status": "string",
        "error": "string",
        "size": "integer",
        "required": "boolean",
        "array": "boolean",
    ];
    DEV_KEYS = "DevKeys", select false, [
        "expire": "datetime",
        "accessedAt": "datetime",
    ];
    PROJECTS = "Projects", select true, [
        "teamId": "string",
        "name": "string",
        "search": "string",
        "labels": "string[]",
    ];
    SCHEDULES = "Schedules", select false, [
        "resourceType": "string",
        "resourceId": "string",
        "projectId": "string",
        "schedule": "string",
        "active": "boolean",
        "region": "string",
    ];
    PRESENCES = "Presences", select false, [
        "userInternalId": "string",
        "userId": "string",
        "expiresAt": "datetime",
        "status": "string",
        "source": "string",
    ];
    FUNCTIONS = "Functions", select false, [
        "name": "string",
        "enabled": "boolean",
        "installationId": "string",
        "runtime": "string",
        "deploymentId": "string",
        "schedule": "string",
        "timeout": "integer",
        "entrypoint": "string",
        "commands": "string",
    ];
    DEPLOYMENTS = "Deployments", select true, [
        "type": "string",
        "sourceSize": "integer",
        "activate": "boolean",
        "buildDuration": "integer",
        "buildSize": "integer",
        "totalSize": "integer",
        "status": "string",
    ];
    EXECUTIONS = "Executions", select false, [
        "deploymentId": "string",
        "trigger": "string",
        "status": "string",
        "duration": "double",
        "requestMethod": "string",
        "requestPath": "string",
        "responseStatusCode": "integer",
    ];
    VARIABLES = "Variables", select false, [
        "resourceType": "string",
        "resourceId": "string",
        "key": "string",
        "secret": "boolean",
    ];
    SITES = "Sites", select false, [
        "name": "string",
        "enabled": "boolean",
        "installationId": "string",
        "framework": "string",
        "outputDirectory": "string",
        "buildCommand": "string",
        "installCommand": "string",
        "deploymentId": "string",
    ];
    LOGS = "Logs", select false, [
        "deploymentId": "string",
        "status": "string",
        "duration": "double",
        "requestMethod": "string",
        "requestPath": "string",
        "responseStatusCode": "integer",
    ];
    RULES = "Rules", select false, [
        "domain": "string",
        "type": "string",
        "trigger": "string",
        "deploymentResourceType": "string",
        "deploymentId": "string",
        "deploymentResourceId": "string",
        "deploymentVcsProviderBranch": "string",
    ];
    TEAMS = "Teams", select false, [
        "name": "string",
        "total": "integer",
    ];
    FILE_TOKENS = "FileTokens", select false, [];
    BUCKETS = "Buckets", select false, [
        "enabled": "boolean",
        "name": "string",
        "fileSecurity": "boolean",
        "maximumFileSize": "integer",
        "encryption": "boolean",
        "antivirus": "boolean",
        "transformations": "boolean",
    ];
    FILES = "Files", select false, [
        "name": "string",
        "signature": "string",
        "mimeType": "string",
        "sizeOriginal": "integer",
        "chunksTotal": "integer",
        "chunksUploaded": "integer",
    ];
    INSTALLATIONS = "Installations", select false, [
        "organization": "string",
        "provider": "string",
    ];
    WEBHOOKS = "Webhooks", select false, [
        "name": "string",
        "url": "string",
        "httpUser": "string",
        "authUsername": "string",
        "security": "boolean",
        "tls": "boolean",
        "events": "string[]",
        "enabled": "boolean",
        "logs": "string",
        "attempts": "integer",
    ];
    MIGRATIONS = "Migrations", select false, [
        "status": "string",
        "stage": "string",
        "source": "string",
        "destination": "string",
        "resources": "string[]",
        "statusCounters": "string",
        "resourceData": "string",
        "errors": "string[]",
        "resourceId": "string",
        "resourceType": "string",
    ];
    KEYS = "Keys", select false, [
        "name": "string",
        "scopes": "string[]",
        "expire": "datetime",
        "accessedAt": "datetime",
    ];
    PLATFORMS = "Platforms", select false, [
        "type": "string",
        "name": "string",
        "hostname": "string",
    ];
    REPORTS = "Reports", select false, [
        "appId": "string",
        "type": "string",
        "targetType": "string",
        "target": "string",
        "analyzedAt": "datetime",
    ];
    INSIGHTS = "Insights", select false, [
        "type": "string",
        "severity": "string",
        "status": "string",
        "resourceType": "string",
        "resourceId": "string",
        "parentResourceType": "string",
        "parentResourceId": "string",
        "analyzedAt": "datetime",
        "dismissedAt": "datetime",
        "dismissedBy": "string",
    ];
}

/// Locales that mails and countries have words for.
#[rustfmt::skip]
pub const LOCALES: &[&str] = &[
    "af", "ar-ae", "ar-bh", "ar-dz", "ar-eg", "ar-iq", "ar-jo", "ar-kw", "ar-lb", "ar-ly", "ar-ma", "ar-om", "ar-qa", "ar-sa", "ar-sy", "ar-tn",
    "ar-ye", "as", "az", "be", "bg", "bh", "bn", "bs", "ca", "cs", "cy", "da", "de", "de-at", "de-ch", "de-li", "de-lu", "el", "en", "en-au", "en-bz",
    "en-ca", "en-gb", "en-ie", "en-jm", "en-nz", "en-tt", "en-us", "en-za", "eo", "es", "es-ar", "es-bo", "es-cl", "es-co", "es-cr", "es-do", "es-ec",
    "es-gt", "es-hn", "es-mx", "es-ni", "es-pa", "es-pe", "es-pr", "es-py", "es-sv", "es-uy", "es-ve", "et", "eu", "fa", "fi", "fo", "fr", "fr-be",
    "fr-ca", "fr-ch", "fr-lu", "ga", "gd", "he", "hi", "hr", "hu", "id", "is", "it", "it-ch", "ja", "ji", "ko", "ku", "lt", "lv", "mk", "ml", "ms",
    "mt", "nb", "ne", "nl", "nl-be", "nn", "no", "pa", "pl", "pt", "pt-br", "rm", "ro", "ro-md", "ru", "ru-md", "sb", "sk", "sl", "sq", "sr", "sv",
    "sv-fi", "th", "tn", "tr", "ts", "ua", "ur", "ve", "vi", "xh", "zh-cn", "zh-hk", "zh-sg", "zh-tw", "zu",
];
