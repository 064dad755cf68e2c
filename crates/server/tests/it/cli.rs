//! The command line against a running and a stopped server.
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_ferrite");

fn ferrite(data: &Path, args: &[&str]) -> Command {
    let mut c = Command::new(BINARY);
    c.args(args).env_clear().env("_APP_OPENSSL_KEY_V1", "a secret of the tests").env("FERRITE_DATA", data).stdin(Stdio::null());
    c
}

pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    ferrite(data, args).output().unwrap()
}

/// With further settings.
pub(crate) fn run_with(data: &Path, args: &[&str], settings: &[(&str, &str)]) -> Output {
    ferrite(data, args).envs(settings.iter().copied()).output().unwrap()
}

pub(crate) fn json(out: &Output) -> Value {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

pub(crate) fn error(out: &Output) -> String {
    assert!(!out.status.success());
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// A served folder; killed when a test fails.
pub(crate) struct Served(Child, Value);

impl Served {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let served = serde_json::from_str(&line);
        let mut this = Self(child, Value::Null);
        this.1 = served.unwrap_or_else(|e| panic!("{line:?}: {e}"));
        this
    }

    pub(crate) fn on(data: &Path, more: &[&str]) -> Self {
        Self::start(&mut ferrite(data, &[&["serve", "--listen", "127.0.0.1:0", "--json"], more].concat()))
    }

    /// With further settings.
    pub(crate) fn with(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start(ferrite(data, &["serve", "--listen", "127.0.0.1:0", "--json"]).envs(settings.iter().copied()))
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.1[key].as_str().unwrap()
    }

    pub(crate) fn signal(mut self, name: &str) -> Option<i32> {
        assert!(Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn projects_are_made_while_the_server_runs_and_while_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let made = json(&run(&data, &["project", "create", "before", "--name", "Before", "--platform", "a.example", "--json"]));
    assert_eq!(made["projectId"], "before");
    assert!(made["apiKey"].as_str().unwrap().starts_with("standard_"));
    let served = Served::on(&data, &[]);
    assert_eq!(json(&run(&data, &["project", "create", "during", "--json"]))["projectId"], "during");
    let again = error(&run(&data, &["project", "create", "during"]));
    assert!(again.contains("exists already") && again.contains("ferrite key create during"), "{again}");
    assert!(json(&run(&data, &["key", "create", "before", "--scope", "users.read", "--json"]))["apiKey"].is_string());
    assert!(error(&run(&data, &["key", "create", "before", "--scope", "nonsense"])).contains("no scope"));
    assert!(error(&run(&data, &["key", "create", "nowhere"])).contains("ferrite project create nowhere"));
    assert!(run(&data, &["doctor"]).status.success());
    assert!(run(&data, &["maintenance"]).status.success());
    assert_eq!(served.signal("TERM"), Some(0));
    assert!(!data.join("admin.sock").exists());
    let list = json(&run(&data, &["project", "list", "--json"]));
    let ids: Vec<&str> = list["projects"].as_array().unwrap().iter().map(|p| p["projectId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["before", "during"]);
    assert!(error(&run(&data, &["project", "create", "Not An Id!"])).contains("projectId"));
}

#[test]
fn a_ready_project_keeps_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |data: &Path| {
        let mut c = ferrite(data, &["serve", "--dev", "--listen", "127.0.0.1:0", "--json", "--project", "demo"]);
        c.env_remove("_APP_OPENSSL_KEY_V1");
        Served::start(&mut c)
    };
    let first = serve(dir.path());
    let (key, endpoint) = (first.text("apiKey").to_owned(), first.text("endpoint").to_owned());
    assert!(endpoint.starts_with("http://localhost:") && endpoint.ends_with("/v1"));
    assert_eq!(first.signal("INT"), Some(0));
    // Commands need no flag to know what kind of folder it is.
    let doctor = ferrite(dir.path(), &["doctor"]).env_remove("_APP_OPENSSL_KEY_V1").output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    let second = serve(dir.path());
    assert_eq!((second.text("apiKey"), second.text("projectId")), (key.as_str(), "demo"));
}

#[test]
fn a_killed_server_leaves_nothing_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::on(dir.path(), &["--project", "demo"]);
    served.signal("KILL");
    assert!(dir.path().join("admin.sock").exists());
    assert_eq!(json(&run(dir.path(), &["project", "create", "after", "--json"]))["projectId"], "after");
    let served = Served::on(dir.path(), &[]);
    assert!(json(&run(dir.path(), &["project", "list", "--json"]))["projects"].as_array().unwrap().len() == 2);
    drop(served);
}

#[test]
fn one_folder_has_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::on(dir.path(), &[]);
    let second = run(dir.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(error(&second).contains("in use"), "{second:?}");
    let address = served.text("listen").to_owned();
    let other = tempfile::tempdir().unwrap();
    let taken = error(&run(other.path(), &["serve", "--listen", &address]));
    assert!(taken.contains("--listen"), "{taken}");
}

#[test]
fn production_wants_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    for secret in ["", "your-secret-key"] {
        let out = ferrite(dir.path(), &["serve"]).env("_APP_OPENSSL_KEY_V1", secret).output().unwrap();
        assert!(error(&out).contains("openssl rand -hex 32"), "{out:?}");
    }
}

#[test]
fn healthcheck_tells_the_living_from_the_dead() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::on(dir.path(), &[]);
    let address = served.text("listen").to_owned();
    let out = run(dir.path(), &["healthcheck", "--listen", &address]);
    assert!(out.status.success(), "{out:?}");
    drop(served);
    assert!(error(&run(dir.path(), &["healthcheck", "--listen", &address])).contains("no server"));
}

#[test]
fn stores_are_converted() {
    let dir = tempfile::tempdir().unwrap();
    let made = json(&run(dir.path(), &["project", "create", "kept", "--json"]));
    assert!(error(&run(dir.path(), &["store", "convert", "--to", "memory"])).contains("--to fjall or --to sled"));
    assert!(run(dir.path(), &["store", "convert", "--to", "sled"]).status.success());
    assert!(error(&run(dir.path(), &["store", "convert", "--to", "sled"])).contains("already"));
    assert!(dir.path().join("store-fjall").is_dir());
    let list = json(&run(dir.path(), &["project", "list", "--json"]));
    assert_eq!(list["projects"][0]["projectId"], made["projectId"]);
    assert!(run(dir.path(), &["store", "convert", "--to", "fjall"]).status.success());
    assert_eq!(json(&run(dir.path(), &["project", "list", "--json"]))["projects"][0]["projectId"], "kept");
}

#[test]
fn the_rest_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let text = |args: &[&str]| {
        let out = run(dir.path(), args);
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    assert!(text(&["version"]).starts_with("ferrite "));
    assert!(text(&["vars", "--markdown"]).contains("| `_APP_OPENSSL_KEY_V1` (secret) |"));
    assert!(!text(&["vars"]).contains("a secret of the tests"));
    assert!(text(&["migrate"]).contains("Nothing to do"));
    assert!(text(&["ssl"]).contains("X-Forwarded-Proto"));
    let openapi: Value = serde_json::from_str(&text(&["openapi"])).unwrap();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3."));
    assert!(error(&run(dir.path(), &["nonsense"])).contains("--help"));
}

#[test]
fn folders_with_long_names_have_an_admin_socket() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a".repeat(100)).join("b".repeat(100));
    let served = Served::on(&deep, &[]);
    assert_eq!(json(&run(&deep, &["project", "create", "deep", "--json"]))["projectId"], "deep");
    assert_eq!(served.signal("TERM"), Some(0));
}

#[test]
fn permissions_are_explained_while_the_server_runs_and_while_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let made = json(&run(dir.path(), &["project", "create", "p", "--json"]));
    let served = Served::on(dir.path(), &[]);
    let host = served.text("endpoint").trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let mut caller = super::contention::Caller::new(&host, made["apiKey"].as_str().unwrap());
    let bucket = serde_json::json!({"bucketId": "b", "name": "B", "permissions": ["read(\"users\")"]});
    caller.is("POST", "/v1/storage/buckets", &bucket, 201);
    let ask = |more: &[&str]| run(dir.path(), &[&["permissions", "explain", "p", "--action", "read", "buckets/b"], more].concat());
    let answer = json(&ask(&["--json"]));
    assert_eq!((&answer["allowed"], &answer["wouldAllow"]), (&Value::Bool(false), &serde_json::json!(["read(\"users\")"])));
    assert!(error(&ask(&["--user", "nobody"])).contains("could not be found"));
    assert_eq!(served.signal("TERM"), Some(0));
    let text = String::from_utf8(ask(&[]).stdout).unwrap();
    assert!(text.starts_with("refused  The bucket gives read to no role that is held.") && text.contains("needed   read(\"users\")"), "{text}");
}
