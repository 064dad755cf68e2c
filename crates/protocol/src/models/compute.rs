//! Functions, sites and what builds them.
use super::{general, project, table::models};

models! {
    SITE_LIST: "siteList" "Sites List" {
        "total": integer; "sites": list (SITE);
    }
    TEMPLATE_SITE_LIST: "templateSiteList" "Site Templates List" {
        "total": integer; "templates": list (TEMPLATE_SITE);
    }
    FUNCTION_LIST: "functionList" "Functions List" {
        "total": integer; "functions": list (FUNCTION);
    }
    TEMPLATE_FUNCTION_LIST: "templateFunctionList" "Function Templates List" {
        "total": integer; "templates": list (TEMPLATE_FUNCTION);
    }
    INSTALLATION_LIST: "installationList" "Installations List" {
        "total": integer; "installations": list (INSTALLATION);
    }
    PROVIDER_REPOSITORY_FRAMEWORK_LIST: "providerRepositoryFrameworkList" "Framework Provider Repositories List" (("type", ["framework"])) {
        "total": integer; "frameworkProviderRepositories": list (PROVIDER_REPOSITORY_FRAMEWORK); "type": text = Text("framework");
    }
    PROVIDER_REPOSITORY_RUNTIME_LIST: "providerRepositoryRuntimeList" "Runtime Provider Repositories List" (("type", ["runtime"])) {
        "total": integer; "runtimeProviderRepositories": list (PROVIDER_REPOSITORY_RUNTIME); "type": text = Text("runtime");
    }
    BRANCH_LIST: "branchList" "Branches List" {
        "total": integer; "branches": list (BRANCH);
    }
    FRAMEWORK_LIST: "frameworkList" "Frameworks List" {
        "total": integer; "frameworks": list (FRAMEWORK);
    }
    RUNTIME_LIST: "runtimeList" "Runtimes List" {
        "total": integer; "runtimes": list (RUNTIME);
    }
    DEPLOYMENT_LIST: "deploymentList" "Deployments List" {
        "total": integer; "deployments": list (DEPLOYMENT);
    }
    EXECUTION_LIST: "executionList" "Executions List" {
        "total": integer; "executions": list (EXECUTION);
    }
    SCHEDULE_LIST: "scheduleList" "Schedules List" {
        "total": integer; "schedules": list (SCHEDULE);
    }
    MIGRATION_LIST: "migrationList" "Migrations List" {
        "total": integer; "migrations": list (MIGRATION);
    }
    FIREBASE_PROJECT_LIST: "firebaseProjectList" "Migrations Firebase Projects List" {
        "total": integer; "projects": list (FIREBASE_PROJECT);
    }
    VCS_CONTENT_LIST: "vcsContentList" "VCS Content List" {
        "total": integer; "contents": list (VCS_CONTENT);
    }
    INSIGHT_LIST: "insightList" "Insights List" {
        "total": integer; "insights": list (INSIGHT);
    }
    REPORT_LIST: "reportList" "Reports List" {
        "total": integer; "reports": list (REPORT);
    }
    SITE: "site" "Site" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "enabled": boolean = Bool(true); "live": boolean = Bool(true);
        "logging": boolean = Bool(true); "framework": text; "deploymentRetention": integer; "deploymentId": text; "deploymentCreatedAt": datetime;
        "deploymentScreenshotLight": text; "deploymentScreenshotDark": text; "latestDeploymentId": text; "latestDeploymentCreatedAt": datetime;
        "latestDeploymentStatus": text; "vars": list (project::VARIABLE); "timeout": integer = Int(15); "installCommand": text; "buildCommand": text;
        "startCommand": text; "outputDirectory": text; "installationId": text; "providerRepositoryId": text; "providerBranch": text;
        "providerRootDirectory": text; "providerSilentMode": boolean; "providerBranches": text list; "providerPaths": text list;
        "buildSpecification": text = Text("s-1vcpu-512mb"); "runtimeSpecification": text = Text("s-1vcpu-512mb"); "buildRuntime": text; "adapter": text;
        "fallbackFile": text;
    }
    TEMPLATE_SITE: "templateSite" "Template Site" {
        "key": text; "name": text; "tagline": text; "demoUrl": text; "screenshotDark": text; "screenshotLight": text; "useCases": text list;
        "frameworks": list (TEMPLATE_FRAMEWORK); "vcsProvider": text; "providerRepositoryId": text; "providerOwner": text; "providerVersion": text;
        "variables": list (TEMPLATE_VARIABLE);
    }
    TEMPLATE_FRAMEWORK: "templateFramework" "Template Framework" {
        "key": text; "name": text; "installCommand": text; "buildCommand": text; "outputDirectory": text; "providerRootDirectory": text;
        "buildRuntime": text; "adapter": text; "fallbackFile": text;
    }
    FUNCTION: "function" "Function" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "execute": text list; "name": text; "enabled": boolean = Bool(true);
        "live": boolean = Bool(true); "logging": boolean = Bool(true); "runtime": text; "deploymentRetention": integer; "deploymentId": text;
        "deploymentCreatedAt": datetime; "latestDeploymentId": text; "latestDeploymentCreatedAt": datetime; "latestDeploymentStatus": text;
        "scopes": text list; "vars": list (project::VARIABLE); "events": text list; "schedule": text; "timeout": integer = Int(15); "entrypoint": text;
        "commands": text; "version": text = Text("v5"); "installationId": text; "providerRepositoryId": text; "providerBranch": text;
        "providerRootDirectory": text; "providerSilentMode": boolean; "providerBranches": text list; "providerPaths": text list;
        "buildSpecification": text = Text("s-1vcpu-512mb"); "runtimeSpecification": text = Text("s-1vcpu-512mb");
    }
    TEMPLATE_FUNCTION: "templateFunction" "Template Function" {
        "icon": text; "id": text; "name": text; "tagline": text; "permissions": text list; "events": text list; "cron": text; "timeout": integer = Int(15);
        "useCases": text list; "runtimes": list (TEMPLATE_RUNTIME); "instructions": text; "vcsProvider": text; "providerRepositoryId": text;
        "providerOwner": text; "providerVersion": text; "variables": list (TEMPLATE_VARIABLE); "scopes": text list;
    }
    TEMPLATE_RUNTIME: "templateRuntime" "Template Runtime" {
        "name": text; "commands": text; "entrypoint": text; "providerRootDirectory": text;
    }
    TEMPLATE_VARIABLE: "templateVariable" "Template Variable" {
        "name": text; "description": text; "value": text; "secret": boolean; "placeholder": text; "required": boolean; "type": text;
    }
    INSTALLATION: "installation" "Installation" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "provider": text; "organization": text; "providerInstallationId": text;
    }
    PROVIDER_REPOSITORY: "providerRepository" "ProviderRepository" {
        "id": text; "name": text; "organization": text; "provider": text; "private": boolean; "defaultBranch": text; "providerInstallationId": text;
        "authorized": boolean; "pushedAt": datetime = Text("datetime"); "variables": text list;
    }
    PROVIDER_REPOSITORY_FRAMEWORK: "providerRepositoryFramework" "ProviderRepositoryFramework" {
        "id": text; "name": text; "organization": text; "provider": text; "private": boolean; "defaultBranch": text; "providerInstallationId": text;
        "authorized": boolean; "pushedAt": datetime = Text("datetime"); "variables": text list; "framework": text;
    }
    PROVIDER_REPOSITORY_RUNTIME: "providerRepositoryRuntime" "ProviderRepositoryRuntime" {
        "id": text; "name": text; "organization": text; "provider": text; "private": boolean; "defaultBranch": text; "providerInstallationId": text;
        "authorized": boolean; "pushedAt": datetime = Text("datetime"); "variables": text list; "runtime": text;
    }
    DETECTION_FRAMEWORK: "detectionFramework" "DetectionFramework" (("type", ["framework"])) {
        "type": text ["framework"] = Text("framework"); "variables": list nullable (DETECTION_VARIABLE); "framework": text; "installCommand": text;
        "buildCommand": text; "outputDirectory": text;
    }
    DETECTION_RUNTIME: "detectionRuntime" "DetectionRuntime" (("type", ["runtime"])) {
        "type": text ["runtime"] = Text("runtime"); "variables": list nullable (DETECTION_VARIABLE); "runtime": text; "entrypoint": text; "commands": text;
    }
    DETECTION_VARIABLE: "detectionVariable" "DetectionVariable" {
        "name": text; "value": text;
    }
    VCS_CONTENT: "vcsContent" "VcsContents" {
        "size": integer nullable; "isDirectory": boolean nullable; "name": text;
    }
    BRANCH: "branch" "Branch" {
        "name": text;
    }
    RUNTIME: "runtime" "Runtime" {
        "$id": text; "key": text; "name": text; "version": text; "base": text; "image": text; "logo": text; "supports": text list;
    }
    FRAMEWORK: "framework" "Framework" {
        "key": text; "name": text; "buildRuntime": text; "runtimes": text list; "adapters": list (FRAMEWORK_ADAPTER);
    }
    FRAMEWORK_ADAPTER: "frameworkAdapter" "Framework Adapter" {
        "key": text; "installCommand": text; "buildCommand": text; "outputDirectory": text; "fallbackFile": text;
    }
    DEPLOYMENT: "deployment" "Deployment" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "type": text; "resourceId": text; "resourceType": text; "entrypoint": text;
        "sourceSize": integer; "buildSize": integer; "totalSize": integer; "buildId": text; "activate": boolean; "screenshotLight": text;
        "screenshotDark": text; "status": text ["waiting", "processing", "building", "ready", "canceled", "failed"]; "buildLogs": text;
        "buildDuration": integer; "providerRepositoryName": text; "providerRepositoryOwner": text; "providerRepositoryUrl": text;
        "providerCommitHash": text; "providerCommitAuthorUrl": text; "providerCommitAuthor": text; "providerCommitMessage": text; "providerCommitUrl": text;
        "providerBranch": text; "providerBranchUrl": text;
    }
    EXECUTION: "execution" "Execution" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "functionId": text <- "resourceId"; "deploymentId": text;
        "trigger": text ["http", "schedule", "event"]; "status": text ["waiting", "processing", "completed", "failed", "scheduled"]; "requestMethod": text;
        "requestPath": text; "requestHeaders": list (general::HEADERS); "responseStatusCode": integer; "responseBody": text;
        "responseHeaders": list (general::HEADERS); "logs": text sensitive; "errors": text sensitive; "duration": float; "scheduledAt": datetime nullable;
    }
    SCHEDULE: "schedule" "Schedule" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "resourceType": text; "resourceId": text; "resourceUpdatedAt": datetime;
        "projectId": text; "schedule": text; "data": json = EmptyList; "active": boolean; "region": text;
    }
    MIGRATION: "migration" "Migration" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "status": text; "stage": text; "source": text; "destination": text = Text("Appwrite");
        "resources": text list; "resourceId": text; "statusCounters": json = EmptyList; "resourceData": json = EmptyList; "errors": text list;
        "options": json = EmptyList;
    }
    MIGRATION_REPORT: "migrationReport" "Migration Report" {
        "user": integer; "team": integer; "database": integer; "row": integer; "file": integer; "bucket": integer; "function": integer; "platform": integer;
        "api-key": integer; "project-variable": integer; "webhook": integer; "auth-methods": integer; "project-protocols": integer;
        "project-labels": integer; "project-services": integer; "policies": integer; "smtp": integer; "rule": integer; "project-email-template": integer;
        "site": integer; "provider": integer; "topic": integer; "subscriber": integer; "message": integer; "size": integer; "version": text;
        "oauth2-provider": integer;
    }
    FIREBASE_PROJECT: "firebaseProject" "MigrationFirebaseProject" {
        "projectId": text; "displayName": text;
    }
    INSIGHT: "insight" "Insight" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "reportId": text; "type": text; "severity": text = Text("info");
        "status": text = Text("active"); "resourceType": text; "resourceId": text; "parentResourceType": text; "parentResourceId": text; "title": text;
        "summary": text; "ctas": list (INSIGHT_CTA); "analyzedAt": datetime nullable; "dismissedAt": datetime nullable; "dismissedBy": text nullable;
    }
    INSIGHT_CTA: "insightCTA" "InsightCTA" {
        "label": text; "service": text; "method": text; "params": json = EmptyObject;
    }
    REPORT: "report" "Report" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "appId": text; "type": text; "title": text; "summary": text; "targetType": text;
        "target": text; "categories": text list; "insights": list (INSIGHT); "analyzedAt": datetime nullable;
    }
}
