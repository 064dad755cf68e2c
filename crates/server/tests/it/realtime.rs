//! Realtime over a real websocket.
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use kernel::NewProject;
use kernel::events::Event;
use serde_json::{Value, json};

use crate::support::{Running, quick, read};

/// The client's side of a websocket, just enough of it.
struct Socket(TcpStream);

/// What arrives.
#[derive(Debug, PartialEq)]
enum Frame {
    Text(Value),
    Close(u16),
    End,
}

impl Socket {
    fn open(r: &Running, query: &str, headers: &str) -> Self {
        let mut s = r.connect();
        write!(s, "GET /v1/realtime?{query} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n").unwrap();
        let a = read(&mut s).unwrap();
        assert_eq!((a.status, a.header("sec-websocket-accept")), (101, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
        Self(s)
    }

    fn frame(&mut self, opcode: u8, payload: &[u8]) {
        let mut out = vec![0x80 | opcode];
        match u8::try_from(payload.len()) {
            Ok(n) if n < 126 => out.push(0x80 | n),
            _ => {
                out.push(0x80 | 127);
                out.extend((payload.len() as u64).to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        out.extend(mask);
        out.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
        let _ = self.0.write_all(&out);
    }

    fn say(&mut self, message: &Value) {
        self.frame(1, message.to_string().as_bytes());
    }

    fn next(&mut self) -> Frame {
        loop {
            let mut head = [0; 2];
            if self.0.read_exact(&mut head).is_err() {
                return Frame::End;
            }
            let len = match head[1] & 0x7f {
                126 => u64::from(u16::from_be_bytes(self.bytes())),
                127 => u64::from_be_bytes(self.bytes()),
                n => u64::from(n),
            };
            let mut payload = vec![0; usize::try_from(len).unwrap()];
            self.0.read_exact(&mut payload).unwrap();
            match head[0] & 0x0f {
                1 => return Frame::Text(serde_json::from_slice(&payload).unwrap()),
                8 => return Frame::Close(payload.get(..2).map_or(1005, |c| u16::from_be_bytes([c[0], c[1]]))),
                _ => {}
            }
        }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut b = [0; N];
        self.0.read_exact(&mut b).unwrap();
        b
    }

    fn text(&mut self) -> Value {
        match self.next() {
            Frame::Text(v) => v,
            other => panic!("{other:?}"),
        }
    }

    /// Nothing but the answer to a ping is waiting.
    fn silent(&mut self) {
        self.say(&json!({"type": "ping"}));
        assert_eq!(self.text(), json!({"type": "pong"}));
    }
}

fn server() -> Running {
    let r = Running::with(&[("_APP_OPTIONS_ABUSE", "disabled")], quick());
    r.server().app().create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
    r
}

fn publish(r: &Running, channels: &[&str], roles: &[&str], payload: Value) {
    let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
    r.server().app().bus.publish(Event {
        project_id: "p".into(),
        names: vec!["buckets.b.files.f.create".into()],
        channels: own(channels),
        roles: own(roles),
        payload,
        at: protocol::Timestamp(0),
        roles_changed: Vec::new(),
    });
}

#[test]
fn channels_of_the_query_string() {
    let r = server();
    let mut s = Socket::open(&r, "project=p&channels[]=files&channels[]=documents", "origin: http://localhost:3000\r\n");
    let hello = s.text();
    assert_eq!((&hello["type"], &hello["data"]["channels"], &hello["data"]["user"]), (&json!("connected"), &json!(["files", "documents"]), &Value::Null));
    let id = hello["data"]["subscriptions"][0].clone();
    publish(&r, &["files"], &["user:other"], json!({"private": true}));
    publish(&r, &["rows"], &["any"], json!({}));
    publish(&r, &["files", "files.create"], &["any"], json!({"$id": "f"}));
    let event = s.text();
    assert_eq!(event["type"], "event");
    assert_eq!(event["data"]["payload"], json!({"$id": "f"}));
    assert_eq!(event["data"]["subscriptions"], json!([id]));
    assert_eq!(event["data"]["timestamp"], "1970-01-01T00:00:00.000+00:00");
    s.silent();
}

#[test]
fn subscriptions_by_message() {
    let r = server();
    let mut s = Socket::open(&r, "project=p", "");
    assert_eq!(s.text(), json!({"type": "connected", "data": {"channels": [], "subscriptions": [], "user": null}}));
    let query = "{\"method\":\"equal\",\"attribute\":\"t\",\"values\":[\"yes\"]}";
    s.say(&json!({"type": "subscribe", "data": [{"subscriptionId": "s1", "channels": ["rows"], "queries": [query]}]}));
    assert_eq!(
        s.text(),
        json!({"type": "response", "data": {"to": "subscribe", "success": true, "subscriptions": [{"subscriptionId": "s1", "channels": ["rows"], "queries": [query]}]}})
    );
    publish(&r, &["rows"], &["any"], json!({"t": "no"}));
    publish(&r, &["rows"], &["any"], json!({"t": "yes"}));
    assert_eq!(s.text()["data"]["payload"], json!({"t": "yes"}));
    s.say(&json!({"type": "unsubscribe", "data": [{"subscriptionId": "s1"}, {"subscriptionId": "s9"}]}));
    assert_eq!(s.text()["data"]["subscriptions"], json!([{"subscriptionId": "s1", "removed": true}, {"subscriptionId": "s9", "removed": false}]));
    publish(&r, &["rows"], &["any"], json!({"t": "yes"}));
    s.silent();
}

#[test]
fn refusals() {
    let r = server();
    for (query, headers, message) in [
        ("project=nope&channels[]=files", "", "Missing or unknown project ID"),
        (
            "project=p&channels[]=files",
            "origin: http://evil.example\r\n",
            "Invalid Origin. Register your new client (evil.example) as a new Web platform on your project console dashboard",
        ),
        ("project=p&channels[]=files&files[0][]=%7Bbad", "", "Invalid query: Syntax error"),
    ] {
        let mut s = Socket::open(&r, query, headers);
        assert_eq!(s.text(), json!({"type": "error", "data": {"code": 1008, "message": message}}));
        assert_eq!(s.next(), Frame::Close(1008));
    }
    let mut s = Socket::open(&r, "project=p&channels[]=files", "");
    s.text();
    for bad in ["{bad", "{\"type\":\"fly\"}", "{\"type\":\"authentication\",\"data\":{\"session\":\"bad\"}}", "5"] {
        s.frame(1, bad.as_bytes());
        assert_eq!(s.text(), json!({"type": "error", "data": {"code": 1003, "message": "Error: Server Error"}}), "{bad}");
    }
    s.silent();
    s.frame(1, &vec![b' '; 300 << 10]);
    assert!(!matches!(s.next(), Frame::Text(_)), "too long a message ends the connection");
    assert_eq!(r.get("/v1/test/slow?size=0").status, 200);
}

#[test]
fn messages_are_limited() {
    let r = Running::with(&[], quick());
    r.server().app().create_project(NewProject { id: "p".into(), ..NewProject::default() }).unwrap();
    let mut s = Socket::open(&r, "project=p", "");
    s.text();
    let answers: Vec<Value> = (0..70)
        .map(|_| {
            s.say(&json!({"type": "ping"}));
            s.text()
        })
        .collect();
    // Two windows at most: the minute may turn meanwhile.
    let pongs = answers.iter().filter(|a| a["type"] == "pong").count();
    assert!((32..=64).contains(&pongs), "{pongs}");
    assert!(answers.iter().any(|a| a["data"]["code"] == 1013));
}

#[test]
fn a_client_that_does_not_read_is_closed() {
    let r = server();
    let mut s = Socket::open(&r, "project=p&channels[]=files", "");
    s.text();
    let big = json!({"x": "y".repeat(100_000)});
    for _ in 0..600 {
        publish(&r, &["files"], &["any"], big.clone());
    }
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while std::time::Instant::now() < end {
        match s.next() {
            Frame::Text(_) => {}
            other => {
                assert!(matches!(other, Frame::Close(1013) | Frame::End), "{other:?}");
                return;
            }
        }
    }
    panic!("the socket was not closed");
}

#[test]
fn stopping_closes_sockets() {
    let r = server();
    let mut s = Socket::open(&r, "project=p&channels[]=files", "");
    s.text();
    // Clients answer a close by closing.
    let client = std::thread::spawn(move || s.next());
    let started = std::time::Instant::now();
    r.stop();
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(client.join().unwrap(), Frame::Close(1001));
}

#[test]
fn a_users_own_events_over_the_whole_api() {
    let r = Running::full();
    r.server().app().create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
    let project = "x-appwrite-project: p\r\n";
    let sign_up = json!({"userId": "ada", "email": "ada@example.com", "password": "correct-horse", "name": "Ada"});
    assert_eq!(r.call("POST", "/v1/account", project, &sign_up).status, 201);
    let session = r.call("POST", "/v1/account/sessions/email", project, &json!({"email": "ada@example.com", "password": "correct-horse"}));
    assert_eq!(session.status, 201);
    let cookies: Vec<&str> = session.headers.iter().filter(|(n, _)| n == "set-cookie").filter_map(|(_, v)| v.split(';').next()).collect();
    let cookie = cookies.iter().find(|c| c.starts_with("a_session_p=")).unwrap();
    let value = cookie.split_once('=').unwrap().1;

    // By cookie.
    let mut by_cookie = Socket::open(&r, "project=p&channels[]=account&channels[]=teams", &format!("origin: http://localhost\r\ncookie: {cookie}\r\n"));
    let hello = by_cookie.text();
    assert_eq!(hello["data"]["channels"], json!(["account", "teams", "account.ada"]));
    assert_eq!((&hello["data"]["user"]["$id"], &hello["data"]["user"]["email"]), (&json!("ada"), &json!("ada@example.com")));
    // By message.
    let mut by_message = Socket::open(&r, "project=p", "");
    by_message.text();
    by_message.say(&json!({"type": "authentication", "data": {"session": value}}));
    let signed_in = by_message.text();
    assert_eq!((&signed_in["data"]["success"], &signed_in["data"]["user"]["name"]), (&json!(true), &json!("Ada")));
    by_message.say(&json!({"type": "subscribe", "data": [{"subscriptionId": "s1", "channels": ["account"]}]}));
    by_message.text();
    let mut guest = Socket::open(&r, "project=p&channels[]=account&channels[]=teams", "");
    guest.text();

    let headers = format!("{project}cookie: {cookie}\r\n");
    assert_eq!(r.call("PATCH", "/v1/account/name", &headers, &json!({"name": "Ada L."})).status, 200);
    for s in [&mut by_cookie, &mut by_message] {
        let event = s.text();
        assert_eq!(event["data"]["events"][0], "users.ada.update");
        assert_eq!(event["data"]["payload"]["name"], "Ada L.");
        assert!(event["data"]["payload"].get("password").is_none());
    }
    assert_eq!(r.call("POST", "/v1/teams", &headers, &json!({"teamId": "t", "name": "T"})).status, 201);
    let event = by_cookie.text();
    assert_eq!((&event["data"]["events"][0], &event["data"]["channels"][0]), (&json!("teams.t.create"), &json!("teams")));
    guest.silent();
    // The end of the session is the end of its sockets.
    assert_eq!(r.call("DELETE", "/v1/account/sessions/current", &headers, &json!({})).status, 204);
    assert_eq!(by_cookie.text()["data"]["payload"]["userId"], "ada");
    assert_eq!(by_cookie.next(), Frame::Close(1000));
    guest.silent();
}

#[test]
fn a_blocked_user_is_out_within_five_seconds() {
    let r = Running::full();
    let app = r.server().app();
    app.create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
    let scopes = ["users.write"].map(str::to_owned).into();
    let key = app.create_key("p", kernel::NewKey { id: String::new(), name: "k".into(), scopes, expire: None }).unwrap();
    let (project, server) = ("x-appwrite-project: p\r\n", format!("x-appwrite-project: p\r\nx-appwrite-key: {key}\r\n"));
    let gone = |user: &str, how: &dyn Fn()| {
        let account = json!({"userId": user, "email": format!("{user}@example.com"), "password": "password-1"});
        assert_eq!(r.call("POST", "/v1/account", project, &account).status, 201);
        let signed_in = r.call("POST", "/v1/account/sessions/email", project, &account);
        let cookie =
            signed_in.headers.iter().find(|(n, v)| n == "set-cookie" && v.starts_with("a_session_p=")).unwrap().1.split(';').next().unwrap().to_owned();
        let by_cookie = format!("cookie: {cookie}\r\n");
        let mut socket = Socket::open(&r, "project=p&channels[]=account", &by_cookie);
        assert_eq!(socket.text()["type"], "connected");
        assert_eq!(r.call("PATCH", "/v1/account/name", &format!("{project}{by_cookie}"), &json!({"name": "N"})).status, 200);
        assert_eq!(socket.text()["type"], "event");
        let begun = std::time::Instant::now();
        how();
        // At once where there is a request, as soon as the server looks where there is none.
        let refused = r.call("PATCH", "/v1/account/name", &format!("{project}{by_cookie}"), &json!({"name": "M"}));
        assert!([401, 403].contains(&refused.status), "{}", refused.status);
        loop {
            match socket.next() {
                Frame::Close(_) | Frame::End => break,
                Frame::Text(_) => {}
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    };
    gone("ada", &|| assert_eq!(r.call("PATCH", "/v1/users/ada/status", &server, &json!({"status": false})).status, 200));
    gone("bob", &|| assert_eq!(r.call("DELETE", "/v1/users/bob", &server, &json!({})).status, 204));
}

#[test]
fn roles_change_on_open_sockets() {
    let r = Running::full();
    let app = r.server().app();
    app.create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
    let scopes = protocol::scopes::PROJECT.iter().map(|s| s.name.to_owned()).collect();
    let key = app.create_key("p", kernel::NewKey { id: String::new(), name: "k".into(), scopes, expire: None }).unwrap();
    let (project, server) = ("x-appwrite-project: p\r\n", format!("x-appwrite-project: p\r\nx-appwrite-key: {key}\r\n"));
    let call = |method: &str, path: &str, body: Value| {
        let answer = r.call(method, &format!("/v1{path}"), &server, &body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    };
    let account = json!({"userId": "ada", "email": "ada@example.com", "password": "password-1"});
    assert_eq!(r.call("POST", "/v1/account", project, &account).status, 201);
    let signed_in = r.call("POST", "/v1/account/sessions/email", project, &account);
    let cookie = signed_in.headers.iter().find(|(n, v)| n == "set-cookie" && v.starts_with("a_session_p=")).unwrap().1.split(';').next().unwrap();
    call("POST", "/databases", json!({"databaseId": "d", "name": "D"}));
    call("POST", "/databases/d/collections", json!({"collectionId": "c", "name": "C", "permissions": [], "documentSecurity": true}));
    call("POST", "/databases/d/collections/c/attributes/string", json!({"key": "a", "size": 80, "required": false}));
    call("POST", "/teams", json!({"teamId": "t", "name": "T"}));
    let mut socket = Socket::open(&r, "project=p&channels[]=documents", &format!("origin: http://localhost\r\ncookie: {cookie}\r\n"));
    assert_eq!(socket.text()["type"], "connected");
    let mut number = 0;
    // Writes a document that only a role reads, and says whether the socket hears of it.
    let mut hears = |role: &str| {
        number += 1;
        call(
            "POST",
            "/databases/d/collections/c/documents",
            json!({"documentId": format!("n{number}"), "data": {"a": role}, "permissions": [format!("read(\"{role}\")")]}),
        );
        socket.say(&json!({"type": "ping"}));
        let first = socket.text();
        if first["type"] == "pong" {
            return false;
        }
        assert_eq!((&first["data"]["payload"]["$id"], socket.text()), (&json!(format!("n{number}")), json!({"type": "pong"})));
        true
    };
    assert!(hears("user:ada") && !hears("team:t") && !hears("team:t/editor") && !hears("label:vip") && !hears("users/verified"));
    // A member, with one role, with another, and no longer.
    let membership = call("POST", "/teams/t/memberships", json!({"userId": "ada", "roles": ["editor"]}))["$id"].as_str().unwrap().to_owned();
    let path = format!("/teams/t/memberships/{membership}");
    let member = format!("member:{membership}");
    assert!(hears("team:t") && hears("team:t/editor") && hears(&member) && !hears("team:t/viewer"));
    call("PATCH", &path, json!({"roles": ["viewer"]}));
    assert!(hears("team:t") && !hears("team:t/editor") && hears("team:t/viewer"));
    call("DELETE", &path, json!({}));
    assert!(!hears("team:t") && !hears("team:t/viewer") && !hears(&member));
    call("POST", "/teams/t/memberships", json!({"userId": "ada", "roles": []}));
    assert!(hears("team:t"));
    call("DELETE", "/teams/t", json!({}));
    assert!(!hears("team:t"));
    // Labels and a verified address.
    call("PUT", "/users/ada/labels", json!({"labels": ["vip"]}));
    assert!(hears("label:vip"));
    call("PUT", "/users/ada/labels", json!({"labels": []}));
    assert!(!hears("label:vip"));
    call("PATCH", "/users/ada/verification", json!({"emailVerification": true}));
    assert!(hears("users/verified") && hears("user:ada/verified") && !hears("users/unverified"));
}

#[test]
fn a_lost_password_is_told_before_its_sessions_end() {
    let r = Running::full();
    let app = r.server().app();
    app.create_project(NewProject { id: "p".into(), platforms: vec!["localhost".into()], ..NewProject::default() }).unwrap();
    let scopes = ["users.write", "sessions.write"].map(str::to_owned).into();
    let key = app.create_key("p", kernel::NewKey { id: String::new(), name: "k".into(), scopes, expire: None }).unwrap();
    let (project, server) = ("x-appwrite-project: p\r\n", format!("x-appwrite-project: p\r\nx-appwrite-key: {key}\r\n"));
    let account = json!({"userId": "ada", "email": "ada@example.com", "password": "password-1"});
    assert_eq!(r.call("POST", "/v1/account", project, &account).status, 201);
    let signed_in = r.call("POST", "/v1/account/sessions/email", project, &account);
    let cookie = signed_in.headers.iter().find(|(n, v)| n == "set-cookie" && v.starts_with("a_session_p=")).unwrap().1.split(';').next().unwrap();
    let mut socket = Socket::open(&r, "project=p&channels[]=account", &format!("cookie: {cookie}\r\n"));
    assert_eq!(socket.text()["type"], "connected");
    assert_eq!(r.call("PATCH", "/v1/users/ada/password", &server, &json!({"password": "password-2"})).status, 200);
    let event = socket.text();
    assert!(event["data"]["events"].as_array().unwrap().contains(&json!("users.ada.update.password")), "{event}");
    assert_eq!(socket.next(), Frame::Close(1000));
}
