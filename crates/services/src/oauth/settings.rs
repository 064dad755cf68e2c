//! What a project tells about its app at each provider: kept in the project's settings under the names of the API, the secret sealed and never shown.
use kernel::{App, Cx, Endpoint, Error, Project, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, QueryMethod, params};
use serde_json::{Map, Value, json};

use super::flow::IDS;
use super::provider::Provider;
use super::table;
use crate::project::store;
use crate::projects::visible;
use crate::support::object;

/// Section of the project's settings.
const SECTION: &str = "oAuthProviders";
/// What secrets are sealed for.
const PURPOSE: &str = "oauth2 secret";

const ID: Check = Check::Nullable(&Check::Text { min: 0, max: 256 });
const SECRET: Check = Check::Nullable(&Check::Text { min: 0, max: 512 });
const FILE: Check = Check::Nullable(&Check::Text { min: 0, max: 4096 });
const URL: Check = Check::Nullable(&Check::UrlOrEmpty);
const DOMAIN: Check = Check::Nullable(&Check::DomainOrEmpty);
const PROMPT_VALUE: Check = Check::Enum(&["none", "consent", "select_account"]);
const PROMPT: Check = Check::Nullable(&Check::List(&PROMPT_VALUE, 3));
const SWITCH: Check = Check::Nullable(&Check::Bool);

/// A project's app at a provider.
pub(super) struct Kept {
    pub(super) client_id: String,
    /// A plain secret, or an object of all that is told, as text.
    pub(super) secret: String,
    pub(super) enabled: bool,
}

/// What a project has told.
pub(super) fn kept(app: &App, project: &Project, provider: &str) -> Kept {
    let text = |what: &str| project.setting(SECTION, &format!("{provider}{what}")).as_str().unwrap_or_default();
    Kept {
        client_id: text("Appid").to_owned(),
        secret: app.keyring.open_text(PURPOSE, text("Secret")).unwrap_or_default(),
        enabled: project.setting(SECTION, &format!("{provider}Enabled")).as_bool().unwrap_or(false),
    }
}

/// A stored secret as an object; a plain one where more is told is the client's secret.
pub(super) fn decoded(provider: &Provider, secret: &str) -> Map<String, Value> {
    if !provider.is_composite() || secret.is_empty() {
        return Map::new();
    }
    match serde_json::from_str(secret) {
        Ok(Value::Object(map)) => map,
        _ => object(json!({"clientSecret": secret})),
    }
}

/// Changes what a project has told, in one transaction.
fn keep(cx: &Cx<'_>, project: &str, provider: &str, kept: &Kept) -> Result<()> {
    let secret = if kept.secret.is_empty() { String::new() } else { cx.app.keyring.seal_text(PURPOSE, &kept.secret).map_err(Error::internal)? };
    let entries = [("Appid", json!(kept.client_id)), ("Secret", secret.into()), ("Enabled", kept.enabled.into())];
    let entries = entries.map(|(what, value)| (format!("{provider}{what}"), value));
    store::change(cx, project, SECTION, |part| {
        part.extend(entries);
        Ok(())
    })
}

/// Fields of a provider's settings; secrets are blank.
fn model(app: &App, project: &Project, p: &Provider) -> Map<String, Value> {
    let kept = kept(app, project, p.id);
    let told = decoded(p, &kept.secret);
    let mut map = object(json!({"$id": p.id, "enabled": kept.enabled, p.client.wire: kept.client_id}));
    for t in p.told {
        let value = match told.get(t.stored) {
            _ if t.secret => Value::from(""),
            Some(value) => value.clone(),
            None if t.stored == "prompt" => json!(["consent"]),
            None => Value::from(""),
        };
        map.insert(t.wire.to_owned(), value);
    }
    map
}

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { provider: String = "providerId" alias ["provider"], Check::Enum(IDS), required; }
}
endpoint! {
    /// Lists the project's settings of all providers.
    LIST: Get "/v1/project/oauth2" => 200 "oAuth2ProviderList" by list(List);
    sdk ["project.listOAuth2Providers"] auth [Admin, Key] scope ["oauth2.read"]
}
endpoint! {
    /// Gets the project's settings of a provider.
    GET: Get "/v1/project/oauth2/:provider" => 200 "oAuth2Github" by get(One);
    sdk ["project.getOAuth2Provider"] auth [Admin, Key] scope ["oauth2.read"]
}
params! {
    pub(crate) struct Old {
        project: String = "projectId", Check::Uid, required;
        provider: String = "provider", Check::Enum(IDS), required;
        app_id: Option<String> = "appId", Check::Nullable(&Check::Text { min: 1, max: 256 }), optional;
        secret: Option<String> = "secret", Check::Nullable(&Check::Text { min: 1, max: 512 }), optional;
        enabled: Option<bool> = "enabled", SWITCH, optional;
    }
}
endpoint! {
    /// Changes the settings of any provider, the secret as one text: the route of older consoles.
    OLD: Patch "/v1/projects/:projectId/oauth2" => 200 "project" by change_old(Old);
    sdk [] auth [Admin] scope ["projects.write"] groups [Console]
}

fn change_old(cx: &mut Cx<'_>, p: Old) -> Result<Reply> {
    visible(cx, &p.project)?;
    if table::find(&p.provider, !cx.app.settings.production).is_none() {
        return Err(ErrorKind::ProjectProviderUnsupported.into());
    }
    let mut kept = kept(cx.app, &*store::fresh(cx, &p.project)?, &p.provider);
    kept.client_id = p.app_id.unwrap_or(kept.client_id);
    kept.secret = p.secret.unwrap_or(kept.secret);
    kept.enabled = p.enabled.unwrap_or(kept.enabled);
    keep(cx, &p.project, &p.provider, &kept)?;
    store::shown(cx, &p.project)
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let bounded = Query::parse_all(&p.queries).is_ok_and(|all| all.iter().any(|q| q.method == QueryMethod::Limit));
    let paging = crate::support::find(cx, crate::support::Listing::new(p.queries, p.total), Vec::new())?;
    let all: Vec<&Provider> = table::PROVIDERS.iter().filter(|p| !p.model.is_empty()).collect();
    let total = if p.total { all.len() as u64 } else { 0 };
    let offset = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let limit = if bounded { usize::try_from(paging.limit).unwrap_or(usize::MAX) } else { usize::MAX };
    let items: Vec<Value> = all.into_iter().skip(offset).take(limit).map(|p| Value::Object(model(cx.app, &cx.project, p))).collect();
    Ok(Reply::Model("oAuth2ProviderList", object(json!({"total": total, "providers": items}))))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let unsupported = || Error::from(ErrorKind::ProjectProviderUnsupported);
    let provider = table::find(&p.provider, false).filter(|p| !p.model.is_empty()).ok_or_else(unsupported)?;
    Ok(Reply::Model(provider.model, model(cx.app, &cx.project, provider)))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, message.into())
}

/// Changes a provider's settings: null leaves a value as it is. Without a word about it a provider is switched on as soon as all is told.
fn change(cx: &mut Cx<'_>, id: &str, sent: Vec<(&'static str, Value)>, enabled: Option<bool>) -> Result<Reply> {
    let provider = table::find(id, false).ok_or(Error::from(ErrorKind::ProjectProviderUnsupported))?;
    let mut kept = kept(cx.app, &cx.project, id);
    let mut told = decoded(provider, &kept.secret);
    let mut changed = false;
    for (wire, value) in sent {
        if value.is_null() {
            continue;
        }
        if wire == provider.client.wire {
            kept.client_id = value.as_str().unwrap_or_default().to_owned();
            continue;
        }
        let Some(t) = provider.told.iter().find(|t| t.wire == wire) else { continue };
        if t.stored == "prompt" {
            check_prompt(&value)?;
        }
        if provider.is_composite() {
            told.insert(t.stored.to_owned(), value);
            changed = true;
        } else {
            kept.secret = value.as_str().unwrap_or_default().to_owned();
        }
    }
    if changed {
        for t in provider.told {
            told.entry(t.stored).or_insert_with(|| if t.stored == "prompt" { json!(["consent"]) } else { "".into() });
        }
        kept.secret = Value::Object(told.clone()).to_string();
    }
    let text = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
    if enabled == Some(true) && id == "okta" && text("oktaDomain").is_empty() {
        return Err(invalid("Domain is required when enabling Okta OAuth2 provider."));
    }
    let addresses = ["authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint"];
    if enabled == Some(true) && id == "oidc" && text("wellKnownEndpoint").is_empty() && addresses.iter().any(|k| text(k).is_empty()) {
        return Err(invalid("Enabling OpenID Connect requires either wellKnownURL, or all of authorizationURL, tokenURL, and userInfoURL."));
    }
    kept.enabled = match (enabled, missing(provider, &kept, &told)) {
        (Some(true), Some(why)) => return Err(invalid(format!("Could not enable OAuth2 provider: {why}"))),
        (Some(false), _) => false,
        (None, Some(_)) => kept.enabled,
        (_, None) => true,
    };
    let project = cx.project.id.clone();
    keep(cx, &project, id, &kept)?;
    cx.project = store::fresh(cx, &project)?;
    cx.event_value("providerId", id);
    Ok(Reply::Model(provider.model, model(cx.app, &cx.project, provider)))
}

/// What keeps a provider from being used.
fn missing(provider: &Provider, kept: &Kept, told: &Map<String, Value>) -> Option<&'static str> {
    let empty = |key: &str| told.get(key).and_then(Value::as_str).is_none_or(str::is_empty);
    if kept.client_id.is_empty() || kept.secret.is_empty() {
        return Some("Client ID and Client Secret are required when enabling OAuth2 provider.");
    }
    provider.told.iter().find(|t| !t.needed.is_empty() && empty(t.stored)).map(|t| t.needed)
}

fn check_prompt(value: &Value) -> Result<()> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        return Err(invalid("Prompt array cannot be empty."));
    }
    if list.len() > 1 && list.iter().any(|v| v == "none") {
        return Err(invalid("When \"none\" is used as a prompt value, it must be the only element in the array."));
    }
    Ok(())
}

macro_rules! updates {
    ($($module:ident $id:literal $path:literal $sdk:literal $model:literal [$($field:ident $wire:literal $(or [$($alias:literal),+])? : $check:ident),+];)+) => {
        $(mod $module {
            use super::{Cx, Reply, Result, Value, change, endpoint, params};

            params! {
                pub(crate) struct Update {
                    $($field: Value = $wire $(alias [$($alias),+])?, super::$check, optional;)+
                    enabled: Option<bool> = "enabled", super::SWITCH, optional;
                }
            }
            endpoint! {
                #[doc = concat!("Changes the project's settings of the provider `", $id, "`.")]
                UPDATE: Patch $path => 200 $model by update(Update);
                sdk [$sdk] auth [Admin, Key] scope ["oauth2.write"]
                event "oauth2.[providerId].update" audit "project.oauth2.[providerId].update" on "project.oauth2/{response.$id}"
            }
            fn update(cx: &mut Cx<'_>, p: Update) -> Result<Reply> {
                change(cx, $id, vec![$(($wire, p.$field)),+], p.enabled)
            }
        })+
        /// One for each provider.
        pub(super) const UPDATES: &[&Endpoint] = &[$(&$module::UPDATE),+];
    };
}

updates! {
    amazon "amazon" "/v1/project/oauth2/amazon" "project.updateOAuth2Amazon" "oAuth2Amazon" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    apple "apple" "/v1/project/oauth2/apple" "project.updateOAuth2Apple" "oAuth2Apple" [service_id "serviceId": ID, key_id "keyId": ID, team_id "teamId": ID, p8_file "p8File": FILE];
    auth0 "auth0" "/v1/project/oauth2/auth0" "project.updateOAuth2Auth0" "oAuth2Auth0" [client_id "clientId": ID, client_secret "clientSecret": SECRET, endpoint "endpoint": ID];
    authentik "authentik" "/v1/project/oauth2/authentik" "project.updateOAuth2Authentik" "oAuth2Authentik" [client_id "clientId": ID, client_secret "clientSecret": SECRET, endpoint "endpoint": ID];
    autodesk "autodesk" "/v1/project/oauth2/autodesk" "project.updateOAuth2Autodesk" "oAuth2Autodesk" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    bitbucket "bitbucket" "/v1/project/oauth2/bitbucket" "project.updateOAuth2Bitbucket" "oAuth2Bitbucket" [key "key": ID, secret "secret": SECRET];
    bitly "bitly" "/v1/project/oauth2/bitly" "project.updateOAuth2Bitly" "oAuth2Bitly" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    box_com "box" "/v1/project/oauth2/box" "project.updateOAuth2Box" "oAuth2Box" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    dailymotion "dailymotion" "/v1/project/oauth2/dailymotion" "project.updateOAuth2Dailymotion" "oAuth2Dailymotion" [api_key "apiKey": ID, api_secret "apiSecret": SECRET];
    discord "discord" "/v1/project/oauth2/discord" "project.updateOAuth2Discord" "oAuth2Discord" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    disqus "disqus" "/v1/project/oauth2/disqus" "project.updateOAuth2Disqus" "oAuth2Disqus" [public_key "publicKey": ID, secret_key "secretKey": SECRET];
    dropbox "dropbox" "/v1/project/oauth2/dropbox" "project.updateOAuth2Dropbox" "oAuth2Dropbox" [app_key "appKey": ID, app_secret "appSecret": SECRET];
    etsy "etsy" "/v1/project/oauth2/etsy" "project.updateOAuth2Etsy" "oAuth2Etsy" [key_string "keyString": ID, shared_secret "sharedSecret": SECRET];
    facebook "facebook" "/v1/project/oauth2/facebook" "project.updateOAuth2Facebook" "oAuth2Facebook" [app_id "appId": ID, app_secret "appSecret": SECRET];
    figma "figma" "/v1/project/oauth2/figma" "project.updateOAuth2Figma" "oAuth2Figma" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    fusionauth "fusionauth" "/v1/project/oauth2/fusionauth" "project.updateOAuth2FusionAuth" "oAuth2FusionAuth" [client_id "clientId": ID, client_secret "clientSecret": SECRET, endpoint "endpoint": ID];
    github "github" "/v1/project/oauth2/github" "project.updateOAuth2GitHub" "oAuth2Github" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    gitlab "gitlab" "/v1/project/oauth2/gitlab" "project.updateOAuth2Gitlab" "oAuth2Gitlab" [application_id "applicationId": ID, secret "secret": SECRET, endpoint "endpoint": URL];
    google "google" "/v1/project/oauth2/google" "project.updateOAuth2Google" "oAuth2Google" [client_id "clientId": ID, client_secret "clientSecret": SECRET, prompt "prompt": PROMPT];
    keycloak "keycloak" "/v1/project/oauth2/keycloak" "project.updateOAuth2Keycloak" "oAuth2Keycloak" [client_id "clientId": ID, client_secret "clientSecret": SECRET, endpoint "endpoint": ID, realm_name "realmName": ID];
    kick "kick" "/v1/project/oauth2/kick" "project.updateOAuth2Kick" "oAuth2Kick" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    linkedin "linkedin" "/v1/project/oauth2/linkedin" "project.updateOAuth2Linkedin" "oAuth2Linkedin" [client_id "clientId": ID, primary_client_secret "primaryClientSecret": SECRET];
    microsoft "microsoft" "/v1/project/oauth2/microsoft" "project.updateOAuth2Microsoft" "oAuth2Microsoft" [application_id "applicationId": ID, application_secret "applicationSecret": SECRET, tenant "tenant": ID];
    notion "notion" "/v1/project/oauth2/notion" "project.updateOAuth2Notion" "oAuth2Notion" [oauth_client_id "oauthClientId": ID, oauth_client_secret "oauthClientSecret": SECRET];
    oidc "oidc" "/v1/project/oauth2/oidc" "project.updateOAuth2Oidc" "oAuth2Oidc" [client_id "clientId": ID, client_secret "clientSecret": SECRET, well_known_url "wellKnownURL": URL, authorization_url "authorizationURL": URL, token_url "tokenURL" or ["tokenUrl"]: URL, user_info_url "userInfoURL" or ["userInfoUrl"]: URL];
    okta "okta" "/v1/project/oauth2/okta" "project.updateOAuth2Okta" "oAuth2Okta" [client_id "clientId": ID, client_secret "clientSecret": SECRET, domain "domain": DOMAIN, authorization_server_id "authorizationServerId": ID];
    paypal "paypal" "/v1/project/oauth2/paypal" "project.updateOAuth2Paypal" "oAuth2Paypal" [client_id "clientId": ID, secret_key "secretKey": SECRET];
    paypal_sandbox "paypalSandbox" "/v1/project/oauth2/paypalSandbox" "project.updateOAuth2PaypalSandbox" "oAuth2Paypal" [client_id "clientId": ID, secret_key "secretKey": SECRET];
    podio "podio" "/v1/project/oauth2/podio" "project.updateOAuth2Podio" "oAuth2Podio" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    salesforce "salesforce" "/v1/project/oauth2/salesforce" "project.updateOAuth2Salesforce" "oAuth2Salesforce" [customer_key "customerKey": ID, customer_secret "customerSecret": SECRET];
    slack "slack" "/v1/project/oauth2/slack" "project.updateOAuth2Slack" "oAuth2Slack" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    spotify "spotify" "/v1/project/oauth2/spotify" "project.updateOAuth2Spotify" "oAuth2Spotify" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    stripe "stripe" "/v1/project/oauth2/stripe" "project.updateOAuth2Stripe" "oAuth2Stripe" [client_id "clientId": ID, api_secret_key "apiSecretKey": SECRET];
    tradeshift "tradeshift" "/v1/project/oauth2/tradeshift" "project.updateOAuth2Tradeshift" "oAuth2Tradeshift" [oauth2_client_id "oauth2ClientId": ID, oauth2_client_secret "oauth2ClientSecret": SECRET];
    tradeshift_box "tradeshiftBox" "/v1/project/oauth2/tradeshiftBox" "project.updateOAuth2TradeshiftSandbox" "oAuth2Tradeshift" [oauth2_client_id "oauth2ClientId": ID, oauth2_client_secret "oauth2ClientSecret": SECRET];
    twitch "twitch" "/v1/project/oauth2/twitch" "project.updateOAuth2Twitch" "oAuth2Twitch" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    wordpress "wordpress" "/v1/project/oauth2/wordpress" "project.updateOAuth2WordPress" "oAuth2WordPress" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    x_provider "x" "/v1/project/oauth2/x" "project.updateOAuth2X" "oAuth2X" [customer_key "customerKey": ID, secret_key "secretKey": SECRET];
    yahoo "yahoo" "/v1/project/oauth2/yahoo" "project.updateOAuth2Yahoo" "oAuth2Yahoo" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    yandex "yandex" "/v1/project/oauth2/yandex" "project.updateOAuth2Yandex" "oAuth2Yandex" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    zoho "zoho" "/v1/project/oauth2/zoho" "project.updateOAuth2Zoho" "oAuth2Zoho" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
    zoom "zoom" "/v1/project/oauth2/zoom" "project.updateOAuth2Zoom" "oAuth2Zoom" [client_id "clientId": ID, client_secret "clientSecret": SECRET];
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &OLD];
