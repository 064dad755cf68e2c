//! What was acknowledged is delivered, also when the server dies before it has been.
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use super::cli::{Served, run};

/// Takes requests one after another; the first is never answered.
fn receiver() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (send, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for (n, socket) in listener.incoming().flatten().enumerate() {
            let mut socket = socket;
            let mut text = String::new();
            let mut buffer = [0; 4096];
            while let Ok(count) = socket.read(&mut buffer) {
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
                if count == 0 || text.ends_with('}') {
                    break;
                }
            }
            if n == 0 {
                unanswered.push(socket);
            } else {
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
            let _ = send.send(text);
        }
    });
    (url, heard)
}

fn call(address: &str, key: &str, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-appwrite-project: p\r\nx-appwrite-key: {key}\r\n");
    write!(socket, "{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_delivery_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let made = run(dir.path(), &["project", "create", "p", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|e| panic!("{e}: {made:?}"));
    let key = made["apiKey"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let (url, heard) = receiver();
    let allowed = [("FERRITE_OUTBOUND_ALLOW", "127.0.0.1")];
    let served = Served::with(dir.path(), &allowed);
    let address = served.text("listen").to_owned();
    let hook = json!({"webhookId": "h", "name": "h", "url": url, "events": ["teams.*.create"]});
    assert!(call(&address, &key, "/v1/webhooks", &hook).starts_with("HTTP/1.1 201"));
    assert!(call(&address, &key, "/v1/teams", &json!({"teamId": "t", "name": "Crew"})).starts_with("HTTP/1.1 201"));
    // It is under way and was not taken.
    let first = heard.recv_timeout(Duration::from_secs(20)).unwrap();
    served.signal("KILL");
    let served = Served::with(dir.path(), &allowed);
    let second = heard.recv_timeout(Duration::from_secs(40)).unwrap();
    let body = |text: &str| text.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
    assert!(body(&first).contains("\"name\":\"Crew\""), "{first}");
    assert_eq!(body(&first), body(&second));
    served.signal("TERM");
}
