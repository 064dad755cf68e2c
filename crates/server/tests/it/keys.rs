//! One master secret after another, with files and sealed values from before.
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::{Served, error, json as answer, run_with};
use crate::orphans::{Api, all_files};

const V1: &str = "_APP_OPENSSL_KEY_V1";
const V2: &str = "_APP_OPENSSL_KEY_V2";

/// Ids of the keys of the blobs in the folder: they stand in the header of each.
fn keys_of_blobs(data: &Path) -> Vec<String> {
    let mut blobs = Vec::new();
    all_files(&data.join("files/blobs"), &mut blobs);
    let id = |path| std::fs::read(path).unwrap()[19..23].iter().map(|b| format!("{b:02x}")).collect();
    let mut ids: Vec<String> = blobs.into_iter().map(id).collect();
    ids.sort();
    ids
}

fn keys(data: &Path) -> Vec<String> {
    let list = answer(&run_with(data, &["keys", "list", "--json"], &[]));
    list["keys"].as_array().unwrap().iter().map(|k| k["id"].as_str().unwrap().to_owned()).collect()
}

impl Api {
    fn json(&self, method: &str, path: &str, body: &Value) -> Value {
        let got = self.call(method, path, "application/json", &body.to_string());
        assert!(got.status < 300, "{method} {path}: {}", String::from_utf8_lossy(&got.body));
        got.json()
    }

    /// A file, an attribute and a webhook's secret, each sealed.
    fn seal(&self, name: &str) {
        self.upload("b", name, name);
        self.json("POST", "/tablesdb/d/tables/t/rows", &json!({"rowId": name, "data": {"secret": name}}));
    }

    fn opens(&self, name: &str) {
        let got = self.call("GET", &format!("/storage/buckets/b/files/{name}/download"), "text/plain", "");
        assert_eq!((got.status, String::from_utf8_lossy(&got.body).as_ref()), (200, name));
        let row = self.json("GET", &format!("/tablesdb/d/tables/t/rows/{name}"), &json!({}));
        assert_eq!(row["secret"], name);
    }
}

#[test]
fn rotation_while_the_server_runs_and_while_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let made = answer(&run_with(&data, &["project", "create", "p", "--json"], &[(V1, "one")]));
    let served = Served::with(&data, &[(V1, "one")]);
    let mut api = Api { at: served.text("listen").to_owned(), key: made["apiKey"].as_str().unwrap().to_owned() };
    api.bucket("b");
    api.json("POST", "/tablesdb", &json!({"databaseId": "d", "name": "D"}));
    api.json("POST", "/tablesdb/d/tables", &json!({"tableId": "t", "name": "T"}));
    api.json("POST", "/tablesdb/d/tables/t/columns/string", &json!({"key": "secret", "size": 200, "required": false, "encrypt": true}));
    api.seal("first");
    let one = keys(&data).remove(0);
    let none = error(&run_with(&data, &["keys", "rotate"], &[(V1, "one")]));
    assert!(none.contains(V2), "{none}");

    let said = run_with(&data, &["keys", "rotate"], &[(V1, "one"), (V2, "two")]);
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).contains("stays readable"), "{said:?}");
    let two = keys(&data).pop().unwrap();
    api.seal("second");
    for name in ["first", "second"] {
        api.opens(name);
    }
    let mut expected = vec![one.clone(), two.clone()];
    expected.sort();
    assert_eq!(keys_of_blobs(&data), expected, "nothing is written anew, and what is new has the new key");

    // The old secret alone opens the folder no more, and says which one does.
    served.signal("KILL");
    let refused = error(&run_with(&data, &["serve", "--listen", "127.0.0.1:0"], &[(V1, "one")]));
    assert!(refused.contains(&two) && refused.contains("was retired") && refused.contains(V1), "{refused}");
    assert!(error(&run_with(&data, &["serve", "--listen", "127.0.0.1:0"], &[(V1, "typo")])).contains("never used here"));
    let served = Served::with(&data, &[(V1, "two")]);
    api.at = served.text("listen").to_owned();
    for name in ["first", "second"] {
        api.opens(name);
    }
    assert_eq!(served.signal("TERM"), Some(0));

    // On the folder itself, and by setting it for the next start.
    let done = answer(&run_with(&data, &["keys", "rotate", "--json"], &[(V1, "two"), (V2, "three")]));
    assert_eq!((done["rotated"].as_bool(), keys(&data).len()), (Some(true), 3));
    let served = Served::with(&data, &[(V1, "three"), (V2, "four")]);
    api.at = served.text("listen").to_owned();
    api.seal("third");
    for name in ["first", "second", "third"] {
        api.opens(name);
    }
    assert_eq!(answer(&run_with(&data, &["storage", "verify", "--json"], &[(V1, "four")]))["files"], 3);
    assert_eq!(served.signal("TERM"), Some(0));

    // A lost file is told, with the keys that are needed.
    let file = data.join("keys.json");
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let lost = error(&run_with(&data, &["project", "list"], &[(V1, "four")]));
    assert!(lost.contains(&one) && lost.contains(&two) && lost.contains("is gone"), "{lost}");
    std::fs::write(&file, kept).unwrap();
    assert!(run_with(&data, &["doctor"], &[(V1, "four")]).status.success());
    assert!(!run_with(&data, &["doctor"], &[(V1, "three")]).status.success());
}

#[test]
fn a_development_folder_makes_its_next_secret_itself() {
    let dir = tempfile::tempdir().unwrap();
    let dev = [(V1, ""), ("_APP_ENV", "development")];
    let made = answer(&run_with(dir.path(), &["project", "create", "p", "--json"], &dev));
    for running in [true, false] {
        let served = running.then(|| Served::with(dir.path(), &dev));
        let before = keys(dir.path());
        assert!(run_with(dir.path(), &["keys", "rotate", "--compromised"], &dev).status.success());
        assert_eq!(keys(dir.path())[..before.len()], before);
        assert_eq!(keys(dir.path()).len(), before.len() + 1);
        drop(served);
    }
    let served = Served::with(dir.path(), &dev);
    let api = Api { at: served.text("listen").to_owned(), key: made["apiKey"].as_str().unwrap().to_owned() };
    api.bucket("b");
}
