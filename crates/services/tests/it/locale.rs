//! Lists that forms need, for everybody.
use serde_json::{Value, json};
use testkit::TestApp;

/// Path, key of the items, how many there are, one of them.
fn lists() -> Vec<(&'static str, &'static str, u64, Value)> {
    vec![
        ("/locale/codes", "localeCodes", 131, json!({"code": "af", "name": "Afrikaans"})),
        ("/locale/countries", "countries", 197, json!({"name": "Algeria", "code": "DZ"})),
        ("/locale/countries/eu", "countries", 27, json!({"name": "Germany", "code": "DE"})),
        ("/locale/continents", "continents", 7, json!({"name": "Asia", "code": "AS"})),
        ("/locale/languages", "languages", 186, json!({"name": "Afar", "code": "aa", "nativeName": "Afar"})),
        (
            "/locale/currencies",
            "currencies",
            117,
            json!({"symbol": "$", "name": "US Dollar", "symbolNative": "$", "decimalDigits": 2, "rounding": 0, "code": "USD", "namePlural": "US dollars"}),
        ),
    ]
}

#[test]
fn lists_are_whole_and_open_to_all() {
    let app = TestApp::new();
    for (path, key, total, one) in lists() {
        for client in [app.guest(), app.key()] {
            let list = client.get(path);
            assert_eq!(list.is(200)["total"], total, "{path}");
            let items = list[key].as_array().unwrap();
            assert_eq!(items.len() as u64, total);
            assert!(items.contains(&one), "{path}");
        }
    }
    let phones = app.guest().get("/locale/countries/phones");
    assert!(phones.is(200)["phones"].as_array().unwrap().contains(&json!({"code": "+33", "countryCode": "FR", "countryName": "France"})));
    app.key_with(&["users.read"]).get("/locale/codes").fails(401, "general_unauthorized_scope");
}

#[test]
fn where_the_caller_is_stays_unknown() {
    let app = TestApp::new();
    let here = app.guest().get("/locale");
    assert_eq!(
        here.is(200).json,
        json!({"ip": "127.0.0.1", "countryCode": "--", "country": "Unknown", "continentCode": "--", "continent": "Unknown", "eu": false, "currency": ""})
    );
    assert_eq!(app.guest().with("x-appwrite-locale", "de").get("/locale").is(200)["country"], "Unbekannt");
    // A locale that nobody knows falls back instead of failing.
    assert_eq!(app.guest().with("x-appwrite-locale", "xx-yy").get("/locale").is(200)["country"], "Unknown");
}

#[test]
fn phones_are_in_the_order_of_their_calling_codes() {
    let app = TestApp::new();
    let list = app.guest().get("/locale/countries/phones");
    let phones = list.is(200)["phones"].as_array().unwrap();
    assert_eq!((list["total"].as_u64(), phones.len()), (Some(196), 196));
    assert_eq!((&phones[0]["countryCode"], &phones[1]["countryCode"]), (&json!("CA"), &json!("US")));
    let numbers: Vec<u32> = phones.iter().map(|p| p["code"].as_str().unwrap().trim_start_matches('+').parse().unwrap()).collect();
    assert!(numbers.is_sorted());
}

#[test]
fn the_unknown_is_named_in_the_language_of_the_locale() {
    let app = TestApp::new();
    for (locale, word) in [("de-at", "Unbekannt"), ("fr", "Inconnu"), ("en-gb", "Unknown"), ("../de", "Unknown")] {
        let here = app.guest().with("x-appwrite-locale", locale).get("/locale");
        assert_eq!((here.is(200)["country"].as_str(), here["continent"].as_str()), (Some(word), Some(word)), "{locale}");
    }
    assert_eq!(app.guest().with("x-forwarded-for", "203.0.113.7").get("/locale").is(200)["ip"], "203.0.113.7");
}

#[test]
fn the_address_tells_the_country() {
    let app = TestApp::new();
    let from = |ip: &str| app.guest().with("x-forwarded-for", ip);
    let place = from("2.0.0.1").get("/locale");
    assert_eq!(
        place.is(200).json,
        json!({"ip": "2.0.0.1", "countryCode": "DE", "country": "Germany", "continentCode": "EU", "continent": "Europe", "eu": true, "currency": ""})
    );
    let place = from("3.0.0.1").get("/locale");
    assert_eq!((&place["country"], &place["currency"], &place["eu"]), (&json!("United States"), &json!("USD"), &json!(false)));
    // Sessions and logs keep it.
    app.user("ada");
    let session = from("2.0.0.1").post("/account/sessions/email", &json!({"email": "ada@example.com", "password": "password-ada"}));
    assert_eq!((&session.is(201)["countryCode"], &session["countryName"]), (&json!("de"), &json!("Germany")));
    kernel::audit::flush(&app.app);
    let logs = app.key().get("/users/ada/logs");
    let of_it = logs["logs"].as_array().unwrap().iter().find(|l| l["ip"] == "2.0.0.1").unwrap();
    assert_eq!((&of_it["countryCode"], &of_it["countryName"]), (&json!("de"), &json!("Germany")));
}

#[test]
fn countries_and_continents_speak_the_language_of_the_request() {
    let app = TestApp::new();
    let german = app.guest().with("x-appwrite-locale", "de-at").with("x-forwarded-for", "2.0.0.1");
    let here = german.get("/locale");
    assert_eq!((&here.is(200)["countryCode"], &here["country"], &here["continent"]), (&json!("DE"), &json!("Deutschland"), &json!("Europa")));
    let list = german.get("/locale/countries");
    let names: Vec<&str> = list.is(200)["countries"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.contains(&"Österreich") && names.len() == 197, "{names:?}");
    assert!(german.get("/locale/countries/eu")["countries"].as_array().unwrap().contains(&json!({"name": "Frankreich", "code": "FR"})));
    assert!(
        german.get("/locale/countries/phones")["phones"]
            .as_array()
            .unwrap()
            .contains(&json!({"code": "+33", "countryCode": "FR", "countryName": "Frankreich"}))
    );
    assert_eq!(german.get("/locale/continents")["continents"][2]["name"], "Asien");
}
