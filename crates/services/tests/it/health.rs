//! Health of the parts, and what stands outside of the services.
use std::net::{IpAddr, Ipv4Addr};

use kernel::{RawReply, ReplyBody, Request};
use serde_json::json;
use testkit::TestApp;

#[test]
fn declarations_are_those_of_the_contract() {
    let registry = services::registry().unwrap();
    let ours: Vec<_> = registry.endpoints().iter().filter(|e| e.spec.path.starts_with("/v1/health") || e.spec.path.starts_with("/v1/locale")).collect();
    let found: Vec<String> = ours.iter().flat_map(|e| protocol::contract::differences(e.spec)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let served = |path: &str| ours.iter().any(|e| e.spec.path == path || e.spec.path.replace(":name", "{name}") == path);
    let missing: Vec<&str> = protocol::routes::ROUTES
        .iter()
        .map(|(_, path, _)| *path)
        .filter(|path| (path.starts_with("/v1/health") || path.starts_with("/v1/locale")) && !served(path))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_version_is_everybodys_and_the_rest_the_servers() {
    let app = TestApp::new();
    let (key, guest) = (app.key(), app.guest());
    assert_eq!(guest.without("x-appwrite-project").get("/health/version").is(200)["version"], protocol::VERSION);
    for part in ["", "/db", "/cache", "/pubsub", "/storage", "/storage/local", "/anti-virus", "/queue/audits"] {
        let path = format!("/health{part}");
        key.get(&path).is(200);
        guest.get(&path).fails_with(401, "general_unauthorized_scope", "User (role: guests) missing scopes ([\"health.read\"])");
    }
    // Every key may look.
    app.key_with(&["users.read"]).get("/health").is(200);
}

#[test]
fn parts_pass_as_long_as_they_work() {
    let app = TestApp::new();
    let key = app.key();
    assert_eq!(key.get("/health").is(200)["status"], "pass");
    for part in ["db", "cache", "pubsub"] {
        let list = key.get(&format!("/health/{part}"));
        assert_eq!((&list.is(200)["total"], &list["statuses"][0]["status"]), (&1.into(), &"pass".into()));
    }
    // No scanner is set up for the tests.
    assert_eq!(key.get("/health/anti-virus").is(200)["status"], "disabled");
    assert_eq!(key.get("/health/storage/local").is(200)["status"], "pass");
    // Where the folder of the files is none any more, the check says so instead of passing.
    let files = app.folder().join("files");
    std::fs::remove_dir_all(&files).unwrap();
    std::fs::write(&files, b"in the way").unwrap();
    key.get("/health/storage/local").fails(500, "general_server_error");
    key.get("/health/storage").fails(500, "general_server_error");
}

#[test]
fn queues_hold_nothing() {
    let app = TestApp::new();
    let key = app.key();
    for queue in ["webhooks", "logs", "certificates", "builds", "databases", "deletes", "mails", "messaging", "migrations", "functions", "stats-usage"] {
        assert_eq!(key.get(&format!("/health/queue/{queue}?threshold=1")).is(200)["size"], 0);
    }
    assert_eq!(key.get("/health/queue/failed/v1-mails").is(200)["size"], 0);
    key.get("/health/queue/failed/v1-nothing").fails(400, "general_argument_invalid");
    let full = "Queue jobs threshold hit. Current value is 0 and threshold is 0.";
    key.get("/health/queue/mails?threshold=0").fails_with(503, "health_queue_size_exceeded", full);
    key.get("/health/queue/mails?threshold=many").fails(400, "general_argument_invalid");
}

#[test]
fn ping_answers_whoever_names_a_project() {
    let app = TestApp::new();
    let pong = app.guest().get("/ping");
    assert_eq!((pong.is(200).text().as_str(), pong.header("content-type")), ("Pong!", Some("text/plain; charset=UTF-8")));
    app.guest().with("x-appwrite-project", "nowhere").get("/ping").fails(404, "project_not_found");
}

#[test]
fn thresholds_are_numbers_of_32_bits_and_count_failures_apart() {
    let app = TestApp::new();
    let key = app.key();
    let hit = "Queue failed jobs threshold hit. Current value is 0 and threshold is -1.";
    key.get("/health/queue/failed/v1-audits?threshold=-1").fails_with(503, "health_queue_size_exceeded", hit);
    for wrong in ["mails?threshold=2147483648", "databases?threshold=1.5", "databases?name="] {
        key.get(&format!("/health/queue/{wrong}")).fails(400, "general_argument_invalid");
    }
}

#[test]
fn entries_of_the_audit_log_wait_until_they_are_written() {
    let app = TestApp::new();
    let key = app.key();
    kernel::audit::flush(&app.app);
    for id in ["t1", "t2"] {
        key.post("/teams", &json!({"teamId": id, "name": "Team"})).is(201);
    }
    for queue in ["audits", "logs"] {
        assert_eq!(key.get(&format!("/health/queue/{queue}")).is(200)["size"], 2);
    }
    let hit = "Queue jobs threshold hit. Current value is 2 and threshold is 2.";
    key.get("/health/queue/audits?threshold=2").fails_with(503, "health_queue_size_exceeded", hit);
    kernel::audit::flush(&app.app);
    assert_eq!(key.get("/health/queue/audits").is(200)["size"], 0);
}

/// GET of a path that need not be below `/v1`: the reply without its body, and the body.
fn page(app: &TestApp, path: &str) -> (RawReply, String) {
    let mut reply = app.app.handle(Request {
        verb: protocol::spec::Verb::Get,
        head: false,
        path: path.to_owned(),
        query: String::new(),
        headers: kernel::Headers(Vec::new()),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        https: false,
        hostname: "localhost".to_owned(),
        body: Box::new(kernel::NoBody),
        inner: None,
    });
    let text = match std::mem::replace(&mut reply.body, ReplyBody::Empty) {
        ReplyBody::Bytes(b) => String::from_utf8_lossy(&b).into_owned(),
        _ => String::new(),
    };
    (reply, text)
}

#[test]
fn a_few_pages_are_outside_of_the_api() {
    let app = TestApp::new();
    let header = |reply: &RawReply, name: &str| reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone());
    let (root, body) = page(&app, "/");
    assert_eq!((root.status, header(&root, "location").as_deref(), body.as_str()), (301, Some("/console/"), ""));
    let (robots, body) = page(&app, "/robots.txt");
    assert_eq!((robots.status, body.as_str()), (200, "# robotstxt.org/\n\nUser-agent: *"));
    assert_eq!(header(&robots, "content-type").as_deref(), Some("text/plain; charset=UTF-8"));
    let (humans, body) = page(&app, "/humans.txt");
    assert!(humans.status == 200 && body.contains("Ferrite"));
    let (invite, _) = page(&app, "/invite");
    assert_eq!((invite.status, header(&invite, "location").as_deref()), (301, Some("/console/invite")));
    assert_eq!(header(&page(&app, "/auth/oauth2/success").0, "location").as_deref(), Some("/console/auth/oauth2/success"));
    let (versions, body) = page(&app, "/versions");
    assert!(versions.status == 200 && body.contains("\"client-web\":\"") && body.contains(&format!("\"server\":\"{}\"", protocol::VERSION)), "{body}");
    for nowhere in ["/nope", "/v1", "/.well-known/acme-challenge/abc"] {
        assert_eq!(page(&app, nowhere).0.status, 404, "{nowhere}");
    }
}

#[test]
fn the_clock_is_compared_with_a_time_servers() {
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let app = TestApp::with(|s| (s.abuse, s.time_server) = (false, server.local_addr().unwrap().to_string()));
    let now = app.app.now().0.div_euclid(1_000);
    let ask = |there: i64| {
        let server = server.try_clone().unwrap();
        let answering = std::thread::spawn(move || {
            let mut packet = [0_u8; 48];
            let (_, from) = server.recv_from(&mut packet).unwrap();
            packet[40..44].copy_from_slice(&u32::try_from(there + 2_208_988_800).unwrap().to_be_bytes());
            server.send_to(&packet, from).unwrap();
        });
        let answer = app.key().get("/health/time");
        answering.join().unwrap();
        answer
    };
    assert_eq!(ask(now + 7).is(200).json, json!({"remoteTime": now + 7, "localTime": now, "diff": 7}));
    ask(now - 61).fails(500, "general_server_error");
    app.guest().get("/health/time").fails(401, "general_unauthorized_scope");
}

#[test]
fn certificates_are_those_of_public_domains() {
    let app = TestApp::new();
    for bad in ["", "localhost", "www.google.com/usr/src/local", "https://127.0.0.1/", "db.internal"] {
        app.key().get(&format!("/health/certificate?domain={bad}")).fails(400, "general_argument_invalid");
    }
    app.key().get("/health/certificate").fails(400, "general_argument_invalid");
    app.key().get("/health/certificate?domain=no-such-host.invalid.example.com").fails(404, "health_invalid_host");
    for who in [app.key(), app.guest()] {
        who.get("/health/stats").fails(401, "general_unauthorized_scope");
    }
}

#[test]
fn what_is_removed_step_by_step_waits_in_the_queue_of_deletes() {
    let app = TestApp::with(|s| (s.abuse, s.console.root_only) = (false, false));
    let owner = app.organization("org");
    let size = || app.key().get("/health/queue/deletes").is(200)["size"].clone();
    assert_eq!(size(), 0);
    owner.delete("/projects/org").is(204);
    assert_eq!(size(), 1);
    app.key().get("/health/queue/deletes?threshold=1").fails(503, "health_queue_size_exceeded");
}
