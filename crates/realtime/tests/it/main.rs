//! Sockets of users whose roles change, who are blocked, deleted or sign out: over an application without endpoints.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use std::sync::Arc;

use access::Access;
use database::{NewDocument, Update};
use kernel::events::Event;
use kernel::{App, AppParts, Headers, NewProject, NoBody, Registry, Request, Settings, SystemClock, cookies};
use protocol::Timestamp;
use protocol::spec::Verb;
use realtime::{Frame, Hub, Next, Opening, Queue};
use serde_json::{Map, Value, json};

const WHY: Access = Access::System("test");

struct World {
    app: Arc<App>,
    hub: Arc<Hub>,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

fn object(v: Value) -> Map<String, Value> {
    v.as_object().unwrap().clone()
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let keyring = Arc::new(crypto::Keyring::new(&["a secret of the tests".to_owned()]).unwrap());
        let store = kv::Store::open(kv::EngineKind::Memory, folder.path(), kv::Options::default()).unwrap();
        let blobs = storage::BlobStore::open(storage::StorageConfig {
            root: folder.path().join("files"),
            device: storage::Device::Local,
            keyring: keyring.clone(),
            scanner: None,
            limits: storage::Limits::default(),
        })
        .unwrap();
        let app = App::new(AppParts {
            settings: Settings { abuse: false, ..Settings::default() },
            db: database::Database::open(store, database::Options::default()).unwrap(),
            blobs,
            keyring,
            hasher: Arc::new(crypto::password::Hasher::new(1, 16)),
            registry: Registry::default(),
            clock: Arc::new(SystemClock),
            runtime: runtime.handle().clone(),
            geo: locale::GeoDb::none(),
            outbound: outbound::Client::new(outbound::Exceptions::none()).unwrap(),
        })
        .unwrap();
        app.create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
        Self { hub: Hub::new(&app), app, _folder: folder, _runtime: runtime }
    }

    fn create(&self, table: &'static str, id: &str, data: Value) {
        let (ns, id, now) = (self.app.project("p").unwrap().unwrap().namespace, id.to_owned(), self.app.now());
        self.app
            .write(move |tx| {
                let coll = tx.collection(ns, table)?;
                tx.create(&WHY, &coll, NewDocument { id, permissions: Vec::new(), data: object(data), created_at: now, updated_at: now })?;
                Ok(())
            })
            .unwrap();
    }

    fn update(&self, table: &'static str, id: &str, data: Value) {
        let (ns, id, now) = (self.app.project("p").unwrap().unwrap().namespace, id.to_owned(), self.app.now());
        self.app
            .write(move |tx| {
                let coll = tx.collection(ns, table)?;
                tx.update(
                    &WHY,
                    &coll,
                    &id,
                    Update { data: object(data), permissions: None, updated_at: now, created_at: None, touch: false, unless_newer: None },
                )?;
                Ok(())
            })
            .unwrap();
    }

    fn delete(&self, table: &'static str, id: &str) {
        let (ns, id) = (self.app.project("p").unwrap().unwrap().namespace, id.to_owned());
        self.app
            .write(move |tx| {
                let coll = tx.collection(ns, table)?;
                tx.delete(&WHY, &coll, &id, None)?;
                Ok(())
            })
            .unwrap();
    }

    /// A user with a session; returns the session's value.
    fn user(&self, id: &str) -> String {
        let expire = self.app.now().plus_seconds(3_600).format();
        self.create("users", id, json!({"name": id, "email": format!("{id}@example.com"), "status": true, "labels": []}));
        self.create("sessions", &format!("session-{id}"), json!({"userId": id, "secret": crypto::sha256_hex(id.as_bytes()), "expire": expire}));
        cookies::encode_session(id, id)
    }

    fn open(&self, query: &str, session: Option<&str>) -> Opening {
        let mut headers = vec![("origin".to_owned(), "http://localhost".to_owned())];
        headers.extend(session.map(|s| ("cookie".to_owned(), format!("a_session_p={s}"))));
        self.hub.open(&Request {
            verb: Verb::Get,
            head: false,
            path: "/v1/realtime".into(),
            query: query.into(),
            headers: Headers(headers),
            peer: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            https: false,
            hostname: "localhost".into(),
            body: Box::new(NoBody),
            inner: None,
        })
    }

    fn publish(&self, name: &str, channels: &[&str], roles: &[&str], roles_changed: &[&str]) {
        let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        self.app.bus.publish(Event {
            project_id: "p".into(),
            names: vec![name.to_owned()],
            channels: own(channels),
            roles: own(roles),
            payload: json!({"name": name}),
            at: Timestamp(0),
            roles_changed: own(roles_changed),
        });
    }
}

/// Everything that waits: types of frames, or closes.
fn waiting(q: &Queue) -> Vec<String> {
    std::iter::from_fn(|| match q.try_next()? {
        Next::Frame(Frame::Close(code)) => Some(format!("close {code}")),
        Next::Frame(f) => {
            let v: Value = serde_json::from_str(&f.into_text().unwrap()).unwrap();
            let data = &v["data"];
            Some(match v["type"].as_str().unwrap() {
                "event" => format!("event {}", data["payload"]["name"].as_str().unwrap()),
                "error" => format!("error {}", data["code"]),
                "response" => format!("response {}", data["to"].as_str().unwrap()),
                other => other.to_owned(),
            })
        }
        _ => None,
    })
    .collect()
}

#[test]
fn private_events_go_to_their_readers() {
    let w = World::new();
    let (a, b) = (w.user("a"), w.user("b"));
    let (a, b, guest) = (
        w.open("project=p&channels[]=documents", Some(&a)),
        w.open("project=p&channels[]=documents", Some(&b)),
        w.open("project=p&channels[]=documents", None),
    );
    for s in [&a, &b, &guest] {
        assert_eq!(waiting(&s.queue), ["connected"]);
    }
    w.publish("private", &["documents"], &["user:a"], &[]);
    w.publish("users", &["documents"], &["users"], &[]);
    w.publish("all", &["documents"], &["any"], &[]);
    w.publish("guests", &["documents"], &["guests"], &[]);
    assert_eq!(waiting(&a.queue), ["event private", "event users", "event all"]);
    assert_eq!(waiting(&b.queue), ["event users", "event all"]);
    assert_eq!(waiting(&guest.queue), ["event all", "event guests"]);
}

#[test]
fn memberships_count_at_once() {
    let w = World::new();
    let session = w.user("a");
    let s = w.open("project=p&channels[]=teams&channels[]=memberships", Some(&session));
    w.publish("before", &["teams"], &["team:t"], &[]);
    w.create("memberships", "m", json!({"userId": "a", "teamId": "t", "roles": ["owner"], "confirm": true}));
    w.publish("joined", &["memberships"], &["team:t"], &["a"]);
    w.publish("owners", &["teams"], &["team:t/owner"], &[]);
    assert_eq!(waiting(&s.queue), ["connected", "event joined", "event owners"]);
    w.delete("memberships", "m");
    w.publish("left", &["memberships"], &["team:t"], &["a"]);
    assert!(waiting(&s.queue).is_empty());
}

#[test]
fn labels_count_with_the_next_look() {
    let w = World::new();
    let session = w.user("a");
    let s = w.open("project=p&channels[]=documents", Some(&session));
    w.update("users", "a", json!({"labels": ["vip"]}));
    w.hub.tick();
    w.publish("vips", &["documents"], &["label:vip"], &[]);
    assert_eq!(waiting(&s.queue), ["connected", "event vips"]);
}

#[test]
fn blocked_deleted_and_signed_out_users_are_closed() {
    let w = World::new();
    let sockets: Vec<Opening> = ["blocked", "deleted", "signed-out", "stays"]
        .map(|u| {
            let session = w.user(u);
            w.open("project=p&channels[]=account", Some(&session))
        })
        .into();
    w.update("users", "blocked", json!({"status": false}));
    w.publish("users.blocked.update.status", &["account", "account.blocked"], &["user:blocked"], &[]);
    w.delete("users", "deleted");
    w.delete("sessions", "session-deleted");
    w.delete("sessions", "session-signed-out");
    w.hub.tick();
    let seen: Vec<_> = sockets.iter().map(|s| waiting(&s.queue)).collect();
    assert_eq!(seen[0], ["connected", "event users.blocked.update.status", "error 1008", "close 1008"]);
    assert_eq!(seen[1], ["connected", "error 1008", "close 1008"]);
    assert_eq!(seen[2], ["connected", "close 1000"], "the client may come back");
    assert_eq!(seen[3], ["connected"]);
    assert_eq!(w.hub.connections(), 1);
    let session = cookies::encode_session("blocked", "blocked");
    assert_eq!(waiting(&w.open("project=p", Some(&session)).queue), ["error 1008", "close 1008"]);
}

#[test]
fn authentication_by_message_takes_subscriptions_along() {
    let w = World::new();
    let value = w.user("a");
    let s = w.open("project=p&channels[]=account&channels[]=documents", None);
    let session = s.session.as_ref().unwrap();
    session.message(&json!({"type": "authentication", "data": {"session": value}}).to_string());
    w.publish("mine", &["account", "account.a"], &["user:a"], &[]);
    w.publish("private", &["documents"], &["user:a"], &[]);
    assert_eq!(waiting(&s.queue), ["connected", "response authentication", "event mine", "event private"]);
    // Signing in first and subscribing then is as good.
    let s = w.open("project=p", None);
    let session = s.session.as_ref().unwrap();
    session.message(&json!({"type": "authentication", "data": {"session": value}}).to_string());
    session.message(&json!({"type": "subscribe", "data": [{"subscriptionId": "s1", "channels": ["account", "account.other"]}]}).to_string());
    w.publish("again", &["account", "account.a"], &["user:a"], &[]);
    w.publish("other", &["account", "account.other"], &["user:other"], &[]);
    assert_eq!(waiting(&s.queue), ["connected", "response authentication", "response subscribe", "event again"]);
    drop(s);
    w.publish("nobody", &["account", "account.a"], &["user:a"], &[]);
}

#[test]
fn a_dropped_session_is_forgotten() {
    let w = World::new();
    let s = w.open("project=p&channels[]=files", None);
    assert_eq!(w.hub.connections(), 1);
    drop(s);
    assert_eq!(w.hub.connections(), 0);
}

#[test]
fn console_events_go_to_the_projects_team_only() {
    let w = World::new();
    let s = w.open("project=p&channels[]=console", None);
    w.publish("databases.d.collections.c.attributes.a.create", &["console", "projects.p"], &["any"], &[]);
    assert_eq!(waiting(&s.queue), ["connected"]);
}
