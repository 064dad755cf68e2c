//! The application under test.
use std::sync::Arc;

use kernel::{App, AppParts, NewKey, NewProject, Settings};
use serde_json::json;

use crate::{Client, TestClock};

/// A Ferrite in this process: volatile store, files in a temporary folder, one project with one key.
pub struct TestApp {
    /// The application.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Id of the project made at the start.
    pub project: String,
    secret: String,
    folder: tempfile::TempDir,
    // Last: what hangs on it goes first.
    runtime: tokio::runtime::Runtime,
}

impl TestApp {
    /// With rate limits off, as most tests want it.
    #[must_use]
    pub fn new() -> Self {
        Self::with(|s| s.abuse = false)
    }

    /// With settings of the test's own.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.mail.capture = Some(folder.path().join("mails"));
        settings.mail.sms = kernel::Sms::Folder(folder.path().join("mails"));
        settings.mail.sender_name = "Tests".to_owned();
        settings.mail.sender_email = "noreply@example.com".to_owned();
        change(&mut settings);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let keyring = Arc::new(crypto::Keyring::new(&["a secret of the tests".to_owned()]).unwrap());
        let sealer: Arc<dyn database::Sealer> = Arc::new(kernel::AttributeSealer(keyring.clone()));
        let store = kv::Store::open(kv::EngineKind::Memory, &folder.path().join("store"), kv::Options::default()).unwrap();
        let blobs = storage::BlobStore::open(storage::StorageConfig {
            root: folder.path().join("files"),
            device: storage::Device::Local,
            keyring: keyring.clone(),
            scanner: None,
            limits: storage::Limits::default(),
        })
        .unwrap();
        let limits = storage::DerivedLimits { disk: 64 << 20, memory: 1 << 20 };
        let blobs = blobs.with_derived(storage::Derived::open(folder.path().join("previews"), keyring.clone(), limits).unwrap());
        let clock = Arc::new(TestClock::new());
        let app = App::new(AppParts {
            settings,
            db: database::Database::open(store, database::Options { sealer: Some(sealer), ..database::Options::default() }).unwrap(),
            blobs,
            keyring,
            hasher: Arc::new(crypto::password::Hasher::new(2, 64)),
            registry: registry(),
            clock: clock.clone(),
            runtime: runtime.handle().clone(),
            geo: locale::GeoDb::open(&sample()).unwrap(),
            // Servers of the tests themselves.
            outbound: outbound::Client::new(outbound::Exceptions::parse("127.0.0.1").unwrap()).unwrap(),
        })
        .unwrap();
        services::register_jobs(&app);
        let mut test = Self { app, clock, project: String::new(), secret: String::new(), folder, runtime };
        let (project, secret) = test.make_project("test");
        test.project = project;
        test.secret = secret;
        test
    }

    /// Another project; its id and the secret of a key with all scopes.
    pub fn make_project(&self, id: &str) -> (String, String) {
        self.app.create_project(NewProject { id: id.to_owned(), platforms: vec!["localhost".to_owned()], ..NewProject::default() }).unwrap();
        let scopes = protocol::scopes::PROJECT.iter().map(|s| s.name.to_owned()).collect();
        let secret = self.app.create_key(id, NewKey { id: String::new(), name: "test".to_owned(), scopes, expire: None }).unwrap();
        (id.to_owned(), secret)
    }

    /// A key of the project with these scopes only.
    #[must_use]
    pub fn key_with(&self, scopes: &[&str]) -> Client {
        let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
        let secret = self.app.create_key(&self.project, NewKey { id: String::new(), name: "narrow".to_owned(), scopes, expire: None }).unwrap();
        self.guest().with("x-appwrite-key", &secret)
    }

    /// Sets one of the project's settings.
    pub fn set(&self, section: &str, key: &str, value: serde_json::Value) {
        let why = access::Access::System("a test sets the scene");
        let (id, section, key, now) = (self.project.clone(), section.to_owned(), key.to_owned(), self.app.now());
        self.app
            .write(move |tx| {
                let coll = tx.collection(database::Namespace(0), "projects")?;
                let mut settings = tx.db.get(&why, &coll, &id)?.unwrap().value("settings").clone();
                settings[section.as_str()][key.as_str()] = value;
                let data = serde_json::Map::from_iter([("settings".to_owned(), settings)]);
                tx.update(&why, &coll, &id, database::Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
                Ok(())
            })
            .unwrap();
    }

    /// Sends what is due and returns all mails so far, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<mail::Mail> {
        self.app.run_due_jobs().unwrap();
        mail::captured(&self.folder.path().join("mails")).unwrap().into_iter().map(|(_, mail)| mail).collect()
    }

    /// Sends what is due and returns all short messages so far, oldest first.
    #[must_use]
    pub fn texts(&self) -> Vec<serde_json::Value> {
        self.app.run_due_jobs().unwrap();
        mail::captured_texts(&self.folder.path().join("mails")).unwrap().into_iter().map(|(_, text)| text).collect()
    }

    /// Where files and staged uploads are.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs an async operation to its end.
    pub fn block_on<F: Future>(&self, f: F) -> F::Output {
        self.runtime.block_on(f)
    }

    /// Nobody signed in, on a page of the project's platform.
    #[must_use]
    pub fn guest(&self) -> Client {
        Client::new(self.app.clone()).with("x-appwrite-project", &self.project).with("origin", "http://localhost")
    }

    /// A server with an API key of all scopes.
    #[must_use]
    pub fn key(&self) -> Client {
        Client::new(self.app.clone()).with("x-appwrite-project", &self.project).with("x-appwrite-key", &self.secret)
    }

    /// A user who has signed up as `id@example.com` with the password `password` and `id` and has signed in.
    pub fn user(&self, id: &str) -> Client {
        let (email, password) = (format!("{id}@example.com"), format!("password-{id}"));
        let guest = self.guest();
        guest.post("/account", &json!({"userId": id, "email": email, "password": password, "name": id})).is(201);
        self.sign_in(&email, &password)
    }

    /// A client with the session of a sign-in by e-mail.
    pub fn sign_in(&self, email: &str, password: &str) -> Client {
        let reply = self.guest().post("/account/sessions/email", &json!({"email": email, "password": password}));
        reply.is(201);
        let name = format!("a_session_{}", self.project);
        let value = reply.cookie(&name).expect("a sign-in sets the session cookie");
        self.guest().with("cookie", &format!("{name}={value}"))
    }
}

/// Addresses of 2/8 are in Germany, of 3/8 in the United States, of 6/8 in Taiwan; of others nothing is known.
fn sample() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../locale/tests/sample.mmdb")
}

/// All endpoints, those of a development server included.
fn registry() -> kernel::Registry {
    let mut registry = services::registry().unwrap();
    services::add_development(&mut registry).unwrap();
    registry
}

/// The console's side.
impl TestApp {
    /// A page of the console with nobody signed in.
    #[must_use]
    pub fn console_guest(&self) -> Client {
        Client::new(self.app.clone()).with("x-appwrite-project", "console").with("origin", "http://localhost")
    }

    /// An account of the console, signed in. Only the first may sign up unless the settings say otherwise.
    pub fn administrator(&self, id: &str) -> Client {
        let (email, password) = (format!("{id}@example.com"), format!("password-{id}"));
        let guest = self.console_guest();
        guest.post("/account", &json!({"userId": id, "email": email, "password": password, "name": id})).is(201);
        let reply = guest.post("/account/sessions/email", &json!({"email": email, "password": password}));
        let value = reply.is(201).cookie("a_session_console").expect("a sign-in sets the session cookie");
        guest.with("cookie", &format!("a_session_console={value}"))
    }

    /// Makes an account of the console a member of an organization with these roles, without an invitation.
    pub fn join(&self, team: &str, user: &str, roles: &[&str]) {
        let (team, user, now) = (team.to_owned(), user.to_owned(), self.app.now());
        let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        let why = access::Access::System("a test makes somebody a member");
        let data = json!({"userId": user, "teamId": team, "roles": roles, "confirm": true, "joined": now.format(), "invited": now.format()});
        let data = data.as_object().cloned().unwrap();
        let new = database::NewDocument { id: self.app.new_id(), permissions: vec!["read(\"any\")".to_owned()], data, created_at: now, updated_at: now };
        self.app
            .write(move |tx| {
                let memberships = tx.collection(database::Namespace(0), "memberships")?;
                tx.create(&why, &memberships, new)?;
                Ok(())
            })
            .unwrap();
    }

    /// An administrator with an organization `id` that has a project of the same id.
    pub fn organization(&self, id: &str) -> Client {
        let admin = self.administrator(id);
        admin.post("/teams", &json!({"teamId": id, "name": id})).is(201);
        admin.post("/projects", &json!({"projectId": id, "name": id, "teamId": id, "region": "default"})).is(201);
        admin
    }
}

impl Default for TestApp {
    fn default() -> Self {
        Self::new()
    }
}
