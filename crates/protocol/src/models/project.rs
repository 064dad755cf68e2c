//! A project and its settings.
use super::table::models;

models! {
    PROJECT_LIST: "projectList" "Projects List" {
        "total": integer; "projects": list (PROJECT);
    }
    WEBHOOK_LIST: "webhookList" "Webhooks List" {
        "total": integer; "webhooks": list (WEBHOOK);
    }
    KEY_LIST: "keyList" "API Keys List" {
        "total": integer; "keys": list (KEY);
    }
    DEV_KEY_LIST: "devKeyList" "Dev Keys List" {
        "total": integer; "devKeys": list (DEV_KEY);
    }
    VARIABLE_LIST: "variableList" "Variables List" {
        "total": integer; "variables": list (VARIABLE);
    }
    MOCK_NUMBER_LIST: "mockNumberList" "Mock Numbers List" {
        "total": integer; "mockNumbers": list (MOCK_NUMBER);
    }
    POLICY_LIST: "policyList" "Policies List" {
        "total": integer;
        "policies": list (POLICY_PASSWORD_DICTIONARY, POLICY_PASSWORD_HISTORY, POLICY_PASSWORD_STRENGTH, POLICY_PASSWORD_PERSONAL_DATA, POLICY_SESSION_ALERT,
            POLICY_SESSION_DURATION, POLICY_SESSION_INVALIDATION, POLICY_SESSION_LIMIT, POLICY_USER_LIMIT, POLICY_MEMBERSHIP_PRIVACY);
    }
    EMAIL_TEMPLATE_LIST: "emailTemplateList" "Email Templates List" {
        "total": integer; "templates": list (EMAIL_TEMPLATE);
    }
    PROXY_RULE_LIST: "proxyRuleList" "Rule List" {
        "total": integer; "rules": list (PROXY_RULE);
    }
    PROJECT: "project" "Project" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "teamId": text; "devKeys": list (DEV_KEY); "smtpEnabled": boolean;
        "smtpSenderName": text; "smtpSenderEmail": text; "smtpReplyToName": text; "smtpReplyToEmail": text; "smtpHost": text; "smtpPort": integer;
        "smtpUsername": text; "smtpPassword": text; "smtpSecure": text; "pingCount": integer; "pingedAt": datetime; "labels": text list;
        "status": text = Text("active"); "authMethods": list (PROJECT_AUTH_METHOD); "services": list (PROJECT_SERVICE);
        "protocols": list (PROJECT_PROTOCOL);
    }
    PROJECT_AUTH_METHOD: "projectAuthMethod" "ProjectAuthMethod" {
        "$id": text ["email-password", "magic-url", "email-otp", "anonymous", "invites", "jwt", "phone"]; "enabled": boolean = Bool(true);
    }
    PROJECT_SERVICE: "projectService" "ProjectService" {
        "$id": text ["account", "avatars", "databases", "tablesdb", "locale", "health", "project", "storage", "teams", "users", "vcs", "sites", "functions",
            "proxy", "graphql", "migrations", "messaging", "advisor"]; "enabled": boolean = Bool(true);
    }
    PROJECT_PROTOCOL: "projectProtocol" "ProjectProtocol" {
        "$id": text ["rest", "graphql", "websocket"]; "enabled": boolean = Bool(true);
    }
    WEBHOOK: "webhook" "Webhook" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "url": text; "events": text list;
        "tls": boolean <- "security" = Bool(true); "authUsername": text <- "httpUser"; "authPassword": text <- "httpPass"; "secret": text <- "signatureKey";
        "enabled": boolean = Bool(true); "logs": text; "attempts": integer;
    }
    KEY: "key" "Key" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "expire": datetime; "scopes": text list; "secret": text;
        "accessedAt": datetime; "sdks": text list;
    }
    EPHEMERAL_KEY: "ephemeralKey" "Ephemeral Key" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "expire": datetime; "scopes": text list; "secret": text;
        "accessedAt": datetime; "sdks": text list;
    }
    DEV_KEY: "devKey" "DevKey" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "expire": datetime; "secret": text; "accessedAt": datetime;
        "sdks": text list;
    }
    MOCK_NUMBER: "mockNumber" "Mock Number" {
        "number": text <- "phone"; "otp": text; "$createdAt": datetime; "$updatedAt": datetime;
    }
    POLICY_PASSWORD_DICTIONARY: "policyPasswordDictionary" "Policy Password Dictionary" (("$id", ["password-dictionary"])) {
        "$id": text; "enabled": boolean;
    }
    POLICY_PASSWORD_HISTORY: "policyPasswordHistory" "Policy Password History" (("$id", ["password-history"])) {
        "$id": text; "total": integer;
    }
    POLICY_PASSWORD_STRENGTH: "policyPasswordStrength" "Policy Password Strength" (("$id", ["password-strength"])) {
        "$id": text; "min": integer = Int(8); "uppercase": boolean; "lowercase": boolean; "number": boolean; "symbols": boolean;
    }
    POLICY_PASSWORD_PERSONAL_DATA: "policyPasswordPersonalData" "Policy Password Personal Data" (("$id", ["password-personal-data"])) {
        "$id": text; "enabled": boolean;
    }
    POLICY_SESSION_ALERT: "policySessionAlert" "Policy Session Alert" (("$id", ["session-alert"])) {
        "$id": text; "enabled": boolean;
    }
    POLICY_SESSION_DURATION: "policySessionDuration" "Policy Session Duration" (("$id", ["session-duration"])) {
        "$id": text; "duration": integer = Int(31536000);
    }
    POLICY_SESSION_INVALIDATION: "policySessionInvalidation" "Policy Session Invalidation" (("$id", ["session-invalidation"])) {
        "$id": text; "enabled": boolean = Bool(true);
    }
    POLICY_SESSION_LIMIT: "policySessionLimit" "Policy Session Limit" (("$id", ["session-limit"])) {
        "$id": text; "total": integer;
    }
    POLICY_USER_LIMIT: "policyUserLimit" "Policy User Limit" (("$id", ["user-limit"])) {
        "$id": text; "total": integer;
    }
    POLICY_MEMBERSHIP_PRIVACY: "policyMembershipPrivacy" "Policy Membership Privacy" (("$id", ["membership-privacy"])) {
        "$id": text; "userId": boolean; "userEmail": boolean; "userPhone": boolean; "userName": boolean; "userMFA": boolean; "userAccessedAt": boolean;
    }
    PLATFORM_WEB: "platformWeb" "Platform Web" (("type", ["web", "flutter-web", "unity", "flutter-macos", "flutter-ios", "react-native-ios", "apple-ios", "apple-macos", "apple-watchos", "apple-tvos", "flutter-android", "react-native-android", "flutter-windows", "flutter-linux"])) {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "type": text ["windows", "apple", "android", "linux", "web"];
        "hostname": text; "key": text;
    }
    PLATFORM_APPLE: "platformApple" "Platform Apple" (("type", ["apple"])) {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "type": text ["windows", "apple", "android", "linux", "web"];
        "bundleIdentifier": text <- "key";
    }
    PLATFORM_ANDROID: "platformAndroid" "Platform Android" (("type", ["android"])) {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "type": text ["windows", "apple", "android", "linux", "web"];
        "applicationId": text <- "key";
    }
    PLATFORM_WINDOWS: "platformWindows" "Platform Windows" (("type", ["windows"])) {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "type": text ["windows", "apple", "android", "linux", "web"];
        "packageIdentifierName": text <- "key";
    }
    PLATFORM_LINUX: "platformLinux" "Platform Linux" (("type", ["linux"])) {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "type": text ["windows", "apple", "android", "linux", "web"];
        "packageName": text <- "key";
    }
    PLATFORM_LIST: "platformList" "Platforms List" {
        "total": integer; "platforms": list (PLATFORM_WEB, PLATFORM_APPLE, PLATFORM_ANDROID, PLATFORM_WINDOWS, PLATFORM_LINUX);
    }
    VARIABLE: "variable" "Variable" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "key": text; "value": text; "secret": boolean; "resourceType": text;
        "resourceId": text;
    }
    PROXY_RULE: "proxyRule" "Rule" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "domain": text; "type": text; "trigger": text; "redirectUrl": text;
        "redirectStatusCode": integer = Int(301); "deploymentId": text; "deploymentResourceType": text nullable ["function", "site"];
        "deploymentResourceId": text; "deploymentVcsProviderBranch": text; "status": text ["unverified", "verifying", "verified"] = Text("unverified");
        "logs": text; "renewAt": datetime = Text("datetime");
    }
    EMAIL_TEMPLATE: "emailTemplate" "EmailTemplate" {
        "templateId": text; "locale": text; "message": text; "senderName": text; "senderEmail": text; "replyToEmail": text; "replyToName": text;
        "subject": text;
    }
    CONSOLE_VARIABLES: "consoleVariables" "Console Variables" {
        "_APP_DOMAIN_TARGET_CNAME": text; "_APP_DOMAIN_TARGET_A": text; "_APP_COMPUTE_BUILD_TIMEOUT": integer; "_APP_DOMAIN_TARGET_AAAA": text;
        "_APP_DOMAIN_TARGET_CAA": text; "_APP_STORAGE_LIMIT": integer; "_APP_COMPUTE_SIZE_LIMIT": integer; "_APP_USAGE_STATS": text;
        "_APP_VCS_ENABLED": boolean; "_APP_DOMAIN_ENABLED": boolean; "_APP_ASSISTANT_ENABLED": boolean; "_APP_DOMAIN_SITES": text;
        "_APP_DOMAIN_FUNCTIONS": text; "_APP_OPTIONS_FORCE_HTTPS": text; "_APP_DOMAINS_NAMESERVERS": text; "_APP_DB_ADAPTER": text = Text("mariadb");
        "supportForRelationships": boolean = Bool(true); "supportForOperators": boolean = Bool(true); "supportForSpatials": boolean = Bool(true);
        "supportForSpatialIndexNull": boolean; "supportForFulltextWildcard": boolean = Bool(true);
        "supportForMultipleFulltextIndexes": boolean = Bool(true); "supportForAttributeResizing": boolean = Bool(true);
        "supportForSchemas": boolean = Bool(true); "maxIndexLength": integer = Int(768); "supportForIntegerIds": boolean = Bool(true);
    }
    CONSOLE_KEY_SCOPE: "consoleKeyScope" "Console Key Scope" {
        "$id": text; "description": text; "category": text; "deprecated": boolean;
    }
    CONSOLE_KEY_SCOPE_LIST: "consoleKeyScopeList" "Console Key Scopes List" {
        "total": integer; "scopes": list (CONSOLE_KEY_SCOPE);
    }
}
