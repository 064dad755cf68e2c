//! What is on and off in the project: ways to sign in, services, protocols. The gates of the pipeline act on it.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::project::{AUTH_METHOD_IDS, PROTOCOLS, SERVICES, auth_key};
use protocol::{Check, params};

use super::store;

params! {
    pub(crate) struct Method {
        id: String = "methodId", Check::Enum(AUTH_METHOD_IDS), required;
        enabled: bool = "enabled", Check::Bool, required;
    }
}
params! {
    pub(crate) struct Service {
        id: String = "serviceId", Check::Enum(SERVICES), required;
        enabled: bool = "enabled", Check::Bool, required;
    }
}
params! {
    pub(crate) struct Protocol {
        id: String = "protocolId", Check::Enum(PROTOCOLS), required;
        enabled: bool = "enabled", Check::Bool, required;
    }
}

endpoint! {
    /// Switches a way to sign in on or off.
    METHOD: Patch "/v1/project/auth-methods/:methodId" => 200 "project" by method(Method);
    old ["/v1/projects/:projectId/auth/:methodId"]
    sdk ["project.updateAuthMethod"] auth [Admin, Key] scope ["project.write"]
    event "authMethod.[methodId].update" audit "project.authMethods.[methodId].update" on "project.authMethods/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Switches a service on or off.
    SERVICE: Patch "/v1/project/services/:serviceId" => 200 "project" by service(Service);
    old ["/v1/project/services/:serviceId/status", "/v1/projects/:projectId/service"]
    sdk ["project.updateService"] auth [Admin, Key] scope ["project.write"]
    event "services.[serviceId].update" audit "project.services.[serviceId].update" on "project.services/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Switches a protocol on or off.
    PROTOCOL: Patch "/v1/project/protocols/:protocolId" => 200 "project" by protocol(Protocol);
    old ["/v1/project/protocols/:protocolId/status", "/v1/projects/:projectId/api"]
    sdk ["project.updateProtocol"] auth [Admin, Key] scope ["project.write"]
    event "protocols.[protocolId].update" audit "project.protocols.[protocolId].update" on "project.protocols/{response.$id}" groups [NotConsole]
}

fn switch(cx: &Cx<'_>, section: &'static str, key: String, on: bool) -> Result<Reply> {
    store::change(cx, &cx.project.id, section, move |part| {
        part.insert(key, on.into());
        Ok(())
    })?;
    store::shown(cx, &cx.project.id)
}

fn method(cx: &mut Cx<'_>, p: Method) -> Result<Reply> {
    let key = auth_key(&p.id).unwrap_or_default().to_owned();
    cx.event_value("methodId", p.id);
    switch(cx, "auths", key, p.enabled)
}

fn service(cx: &mut Cx<'_>, p: Service) -> Result<Reply> {
    cx.event_value("serviceId", p.id.clone());
    switch(cx, "services", p.id, p.enabled)
}

fn protocol(cx: &mut Cx<'_>, p: Protocol) -> Result<Reply> {
    cx.event_value("protocolId", p.id.clone());
    switch(cx, "apis", p.id, p.enabled)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&METHOD, &SERVICE, &PROTOCOL];
