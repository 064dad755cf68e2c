//! Lists that the settings pages of a project and `appwrite pull all` load on their way to something else, of services that this release does not have:
//! there is nothing of the kind, and that is what these lists say. Every other route of such a service answers 501.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, lists, params};

use crate::support::{Listing, find};

/// A list of what there is none of; queries and cursors are judged as everywhere.
fn none(cx: &Cx<'_>, model: &'static str, key: &'static str, item: &'static str, label: &str, listing: Listing) -> Result<Reply> {
    if let Some(cursor) = find(cx, listing, Vec::new())?.cursor {
        let message = format!("{label} '{}' for the 'cursor' value not found.", cursor.id);
        return Err(Error::with(ErrorKind::GeneralCursorNotFound, message));
    }
    Ok(Reply::list(model, key, item, Vec::new(), 0))
}

/// Lists with queries: module, path, name in SDKs, who, scope, queries, model, key, model of an item, its name.
macro_rules! lists {
    ($($module:ident $path:literal $sdk:literal [$($who:ident),+] $scope:literal $queries:ident $model:literal $key:literal $item:literal $label:literal;)+) => {
        $(mod $module {
            use super::{Check, Cx, Listing, Reply, Result, endpoint, lists, params};

            params! {
                pub(crate) struct List {
                    queries: Vec<String> = "queries", Check::Queries(&lists::$queries), or EmptyList;
                    search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
                    total: bool = "total", Check::Bool, or Bool(true);
                }
            }
            endpoint! {
                #[doc = concat!("Lists ", $key, ": there are none.")]
                LIST: Get $path => 200 $model by list(List);
                sdk [$sdk] auth [$($who),+] scope [$scope]
            }
            fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
                super::none(cx, $model, $key, $item, $label, Listing::with_search(p.queries, p.search, p.total))
            }
        })+
        /// The endpoints.
        pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[&[$(&$module::LIST),+]];
    };
}

lists! {
    installations "/v1/vcs/installations" "vcs.listInstallations" [Admin] "vcs.read" INSTALLATIONS "installationList" "installations" "installation" "Installation";
    rules "/v1/proxy/rules" "proxy.listRules" [Admin, Key] "rules.read" RULES "proxyRuleList" "rules" "proxyRule" "Rule";
    migrations "/v1/migrations" "migrations.list" [Admin] "migrations.read" MIGRATIONS "migrationList" "migrations" "migration" "Migration";
    functions "/v1/functions" "functions.list" [Admin, Key] "functions.read" FUNCTIONS "functionList" "functions" "function" "Function";
    sites "/v1/sites" "sites.list" [Admin, Key] "sites.read" SITES "siteList" "sites" "site" "Site";
    topics "/v1/messaging/topics" "messaging.listTopics" [Admin, Key] "topics.read" TOPICS "topicList" "topics" "topic" "Topic";
}
