//! The project's own mail server and templates, over a real socket.
use serde_json::{Value, json};
use testkit::{SmtpServer, TestApp};

fn settings(server: &SmtpServer) -> Value {
    json!({"host": "127.0.0.1", "port": server.port(), "senderEmail": "app@example.com", "senderName": "App", "replyToEmail": "help@example.com", "username": "u", "password": "hunter22"})
}

#[test]
fn what_works_goes_on_and_the_password_is_never_shown() {
    let app = TestApp::new();
    let (key, server) = (app.key(), SmtpServer::start());
    let set = key.patch("/project/smtp", &settings(&server));
    set.is(200);
    assert_eq!((set["smtpEnabled"].as_bool(), set["smtpHost"].as_str(), set["smtpPassword"].as_str()), (Some(true), Some("127.0.0.1"), Some("")));
    assert!(!set.text().contains("hunter22"));
    let stored = format!("{:?}", app.app.project("test").unwrap().unwrap().settings);
    assert!(!stored.contains("hunter22"));
    key.post("/project/smtp/tests", &json!({"emails": ["a@example.com", "b@example.com"]})).is(204);
    app.app.run_due_jobs().unwrap();
    let taken = server.taken();
    assert_eq!(taken.iter().map(|t| t.to.join(",")).collect::<Vec<_>>(), ["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"]);
    assert!(taken[0].data.contains("Subject: Custom SMTP email sample") && taken[0].data.contains("working correctly"), "{}", taken[0].data);
    assert!(taken[0].data.contains("Reply-To: App <help@example.com>") && !taken[0].auth.is_empty());
    // Off again, and what is missing is named.
    assert_eq!(key.patch("/project/smtp", &json!({"enabled": false})).is(200)["smtpEnabled"], false);
    key.post("/project/smtp/tests", &json!({"emails": ["a@example.com"]})).fails_with(
        400,
        "general_argument_invalid",
        "SMTP must be enabled on the project to send a test email.",
    );
    key.patch("/project/smtp", &json!({"enabled": true, "host": null, "senderEmail": ""})).fails_with(
        400,
        "general_argument_invalid",
        "Param \"senderEmail\" is not optional.",
    );
}

#[test]
fn what_does_not_work_is_refused_or_kept_off() {
    let app = TestApp::new();
    let key = app.key();
    let dead = json!({"host": "127.0.0.1", "port": 1, "senderEmail": "app@example.com"});
    assert_eq!(key.patch("/project/smtp", &dead).is(200)["smtpEnabled"], false);
    key.patch("/project/smtp", &json!({"enabled": true})).fails(400, "project_smtp_config_invalid");
    for bad in [json!({"host": "a/b"}), json!({"senderEmail": "x\r\ny@example.com"}), json!({"secure": "rot13"}), json!({"port": "x"})] {
        key.patch("/project/smtp", &bad).fails(400, "general_argument_invalid");
    }
}

#[test]
fn mails_of_the_project_go_its_own_way_and_failures_show() {
    let app = TestApp::new();
    let (key, server) = (app.key(), SmtpServer::start());
    key.patch("/project/smtp", &settings(&server)).is(200);
    app.user("alice");
    let ask = || {
        app.guest().post("/account/recovery", &json!({"email": "alice@example.com", "url": "http://localhost/r"})).is(201);
    };
    // For now: tried again. For good: given up, visibly.
    server.refuse("451 later");
    ask();
    app.app.run_due_jobs().unwrap();
    assert_eq!((server.taken().len(), key.get("/health/queue/mails").is(200)["size"].as_u64()), (0, Some(1)));
    app.clock.advance(20);
    app.app.run_due_jobs().unwrap();
    assert_eq!((server.taken().len(), key.get("/health/queue/mails").is(200)["size"].as_u64()), (1, Some(0)));
    assert!(server.taken()[0].data.contains("From: App <app@example.com>"));
    server.refuse("550 no such mailbox");
    ask();
    app.app.run_due_jobs().unwrap();
    assert_eq!(key.get("/health/queue/failed/v1-mails").is(200)["size"], 1);
    let failed = app.app.list_jobs(Some(kernel::jobs::state::FAILED), 5).unwrap();
    assert!(failed[0].str("error").contains("no such mailbox") && failed[0].str("about").contains("alice@example.com"));
    assert!(app.mails().is_empty(), "nothing goes the server's way");
}

#[test]
fn templates_are_the_projects_where_it_has_some() {
    let app = TestApp::new();
    let key = app.key();
    let path = "/project/templates/email";
    let default = key.get(&format!("{path}/recovery"));
    assert_eq!((default.is(200)["locale"].as_str(), default["subject"].as_str()), (Some("en"), Some("Password Reset for {{project}}")));
    assert!(default.str("message").contains("{{redirect}}"));
    assert_ne!(key.get(&format!("{path}/recovery?locale=de")).is(200)["subject"], default.json["subject"]);
    key.get(&format!("{path}/nothing")).fails(400, "general_argument_invalid");
    key.get(&format!("{path}/recovery?locale=xx")).fails(400, "general_argument_invalid");
    let change = json!({"templateId": "recovery", "locale": "de", "subject": "Hallo {{user}}", "message": "<p>Hier: {{redirect}} für {{user}}</p>", "senderName": "Ich"});
    key.patch(path, &change).fails_with(400, "general_argument_invalid", "SMTP must be enabled on the project to configure custom email templates.");
    let server = SmtpServer::start();
    key.patch("/project/smtp", &settings(&server)).is(200);
    key.patch(path, &json!({"templateId": "recovery", "subject": "x"})).fails_with(400, "general_argument_invalid", "Param \"message\" is not optional.");
    assert_eq!(key.patch(path, &change).is(200)["senderName"], "Ich");
    assert_eq!(key.get(&format!("{path}/recovery?locale=de")).is(200)["subject"], "Hallo {{user}}");
    assert_eq!(key.get(path).is(200)["total"], 1);
    app.user("alice");
    for (locale, subject) in [("de", "Subject: Hallo alice"), ("fr", "Subject: Nouveau mot de passe pour test")] {
        app.guest().with("x-appwrite-locale", locale).post("/account/recovery", &json!({"email": "alice@example.com", "url": "http://localhost/r"})).is(201);
        app.app.run_due_jobs().unwrap();
        let data = server.taken().pop().expect("a mail").data;
        assert!(data.contains(subject), "{data}");
    }
    assert!(server.taken()[0].data.contains("From: Ich <app@example.com>"));
    key.without("x-appwrite-key").get(path).is(401);
}
