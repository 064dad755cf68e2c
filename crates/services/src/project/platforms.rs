//! Platforms: where the project's apps run, which decides what pages may call it and where users may be sent back to.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::project::OLD_PLATFORMS;
use protocol::{Check, ErrorKind, lists, params};
use serde_json::json;

use super::{model, store};
use crate::support::{Listing, mixed, object};

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::PLATFORMS), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { id: String = "platformId", Check::Uid, required; }
}
params! {
    pub(crate) struct CreateWeb {
        id: String = "platformId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        hostname: String = "hostname", Check::Hostname, or Str("");
        key: String = "key", Check::Text { min: 1, max: 256 }, or Str("");
        kind: String = "type", Check::Text { min: 1, max: 256 }, or Str("");
    }
}
params! {
    pub(crate) struct ChangeWeb {
        id: String = "platformId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        hostname: String = "hostname", Check::Hostname, or Str("");
        key: String = "key", Check::Text { min: 1, max: 256 }, or Str("");
    }
}

endpoint! {
    /// Lists the project's platforms.
    LIST: Get "/v1/project/platforms" => 200 "platformList" by list(List);
    old ["/v1/projects/:projectId/platforms"]
    sdk ["project.listPlatforms"] auth [Admin, Key] scope ["platforms.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a platform.
    GET: Get "/v1/project/platforms/:platformId" => 200 "platformWeb" by get(One);
    old ["/v1/projects/:projectId/platforms/:platformId"]
    sdk ["project.getPlatform"] auth [Admin, Key] scope ["platforms.read"] groups [NotConsole]
}
endpoint! {
    /// Deletes a platform.
    DELETE: Delete "/v1/project/platforms/:platformId" => 204 "none" by delete(One);
    old ["/v1/projects/:projectId/platforms/:platformId"]
    sdk ["project.deletePlatform"] auth [Admin, Key] scope ["platforms.write"]
    event "platforms.[platformId].delete" audit "project.platform.delete" on "project.platform/{request.platformId}" groups [NotConsole]
}
endpoint! {
    /// Creates a platform of the web; older clients also create others by their kind.
    CREATE_WEB: Post "/v1/project/platforms/web" => 201 "platformWeb" by create_web(CreateWeb);
    old ["/v1/projects/:projectId/platforms"]
    sdk ["project.createWebPlatform"] auth [Admin, Key] scope ["platforms.write"]
    event "platforms.[platformId].create" audit "project.platform.create" on "project.platform/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Changes a platform of the web; older clients also change others.
    UPDATE_WEB: Put "/v1/project/platforms/web/:platformId" => 200 "platformWeb" by change_web(ChangeWeb);
    old ["/v1/projects/:projectId/platforms/:platformId"]
    sdk ["project.updateWebPlatform"] auth [Admin, Key] scope ["platforms.write"]
    event "platforms.[platformId].update" audit "project.platform.update" on "project.platform/{response.$id}" groups [NotConsole]
}

/// Platforms of apps, which differ in what their identifier is called.
macro_rules! app_platforms {
    ($( $list:ident $module:ident $kind:literal $paths:literal $path:literal $field:literal $model:literal $create:literal $update:literal )*) => {
        $( mod $module {
            use super::{Cx, Endpoint, Reply, Result, change_app, create_app, endpoint};
            use protocol::{Check, params};

            params! {
                pub(crate) struct Create {
                    id: String = "platformId", Check::CustomId, required;
                    name: String = "name", Check::Text { min: 1, max: 128 }, required;
                    key: String = $field, Check::Text { min: 1, max: 256 }, required;
                }
            }
            params! {
                pub(crate) struct Change {
                    id: String = "platformId", Check::Uid, required;
                    name: String = "name", Check::Text { min: 1, max: 128 }, required;
                    key: String = $field, Check::Text { min: 1, max: 256 }, required;
                }
            }

            endpoint! {
                #[doc = concat!("Creates a platform of the kind ", $kind, ".")]
                CREATE: Post $paths => 201 $model by create(Create);
                sdk [$create] auth [Admin, Key] scope ["platforms.write"]
                event "platforms.[platformId].create" audit "project.platform.create" on "project.platform/{response.$id}" groups [NotConsole]
            }
            endpoint! {
                #[doc = concat!("Changes a platform of the kind ", $kind, ".")]
                UPDATE: Put $path => 200 $model by change(Change);
                sdk [$update] auth [Admin, Key] scope ["platforms.write"]
                event "platforms.[platformId].update" audit "project.platform.update" on "project.platform/{response.$id}" groups [NotConsole]
            }

            fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
                create_app(cx, $kind, &p.id, p.name, p.key)
            }

            fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
                change_app(cx, $kind, &p.id, p.name, p.key)
            }

            pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &UPDATE];
        } )*
        $(
            #[doc = concat!("Platforms of the kind ", $kind, ".")]
            pub(super) const $list: &[&Endpoint] = $module::ENDPOINTS;
        )*
    };
}

app_platforms! {
    APPLE apple "apple" "/v1/project/platforms/apple" "/v1/project/platforms/apple/:platformId" "bundleIdentifier" "platformApple" "project.createApplePlatform" "project.updateApplePlatform"
    ANDROID android "android" "/v1/project/platforms/android" "/v1/project/platforms/android/:platformId" "applicationId" "platformAndroid" "project.createAndroidPlatform" "project.updateAndroidPlatform"
    WINDOWS windows "windows" "/v1/project/platforms/windows" "/v1/project/platforms/windows/:platformId" "packageIdentifierName" "platformWindows" "project.createWindowsPlatform" "project.updateWindowsPlatform"
    LINUX linux "linux" "/v1/project/platforms/linux" "/v1/project/platforms/linux/:platformId" "packageName" "platformLinux" "project.createLinuxPlatform" "project.updateLinuxPlatform"
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let (found, total) = store::PLATFORMS.list(cx, &cx.project.id, Listing::new(p.queries, p.total), 25)?;
    Ok(mixed("platformList", "platforms", found.iter().map(|d| model::platform(d).1).collect(), total))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let (model, map) = model::platform(&*store::PLATFORMS.get(cx, &cx.project.id, &p.id)?);
    Ok(Reply::Model(model, map))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let (model, map) = model::platform(&store::PLATFORMS.delete(cx, &cx.project.id, &p.id)?);
    cx.event_payload(model, map);
    Ok(Reply::Empty)
}

fn create(cx: &mut Cx<'_>, id: &str, data: serde_json::Value) -> Result<database::Document> {
    store::PLATFORMS.create(cx, &cx.project.id, cx.custom_id(id), object(data))
}

fn create_app(cx: &mut Cx<'_>, kind: &'static str, id: &str, name: String, key: String) -> Result<Reply> {
    let made = create(cx, id, json!({"type": kind, "name": name, "key": key, "hostname": ""}))?;
    let (model, map) = model::platform(&made);
    Ok(Reply::Model(model, map))
}

fn change_app(cx: &mut Cx<'_>, kind: &'static str, id: &str, name: String, key: String) -> Result<Reply> {
    let data = object(json!({"name": name, "key": key}));
    let done = store::PLATFORMS
        .update(cx, &cx.project.id, id, data, move |old| if old.str("type") == kind { Ok(()) } else { Err(ErrorKind::PlatformMethodUnsupported.into()) })?;
    let (model, map) = model::platform(&done);
    Ok(Reply::Model(model, map))
}

fn create_web(cx: &mut Cx<'_>, p: CreateWeb) -> Result<Reply> {
    let kind = match OLD_PLATFORMS.iter().find(|(old, _)| *old == p.kind) {
        _ if p.kind.is_empty() => "web",
        Some((_, kind)) => kind,
        None => {
            let known: Vec<&str> = OLD_PLATFORMS.iter().map(|(old, _)| *old).collect();
            let message = format!("Param \"type\" is invalid: Value must be one of ({})", known.join(", "));
            return Err(Error::with(ErrorKind::GeneralBadRequest, message));
        }
    };
    if p.key.is_empty() && p.kind.is_empty() && p.hostname.is_empty() {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, "Param \"hostname\" is not optional."));
    }
    let made = create(cx, &p.id, json!({"type": kind, "name": p.name, "key": p.key, "hostname": p.hostname}))?;
    Ok(Reply::Model("platformWeb", crate::support::base(&made)))
}

fn change_web(cx: &mut Cx<'_>, p: ChangeWeb) -> Result<Reply> {
    let mut data = object(json!({"name": p.name}));
    let web = !p.hostname.is_empty();
    if web {
        data.insert("hostname".into(), p.hostname.into());
    }
    if !p.key.is_empty() {
        data.insert("key".into(), p.key.into());
    }
    let done = store::PLATFORMS.update(cx, &cx.project.id, &p.id, data, move |old| {
        // A host name is for the web, and for what older versions kept host names for.
        let kind = old.str("type");
        let takes_host = kind == "web" || OLD_PLATFORMS.iter().any(|(name, new)| *name == kind && name != new);
        if !web || takes_host { Ok(()) } else { Err(ErrorKind::PlatformMethodUnsupported.into()) }
    })?;
    Ok(Reply::Model("platformWeb", crate::support::base(&done)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &DELETE, &CREATE_WEB, &UPDATE_WEB];
