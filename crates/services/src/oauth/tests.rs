//! The table of providers is complete and consistent.
use super::flow::IDS;
use super::provider::Auth;
use super::table;

#[test]
fn every_provider_of_the_api_is_there() {
    for id in IDS {
        assert!(table::find(id, true).is_some(), "{id}");
    }
    assert_eq!(table::PROVIDERS.len() + table::MOCKS.len(), IDS.len());
    assert!(table::find("mock", false).is_none());
    assert!(table::PROVIDERS.is_sorted_by_key(|p| p.id.to_lowercase()));
}

#[test]
fn addresses_are_encrypted_ones_with_known_values() {
    let known = ["client_id", "client_secret", "token", "token_prefix", "stripe_user_id", "prompt", "userinfoEndpoint"];
    for p in table::PROVIDERS {
        let asks = p.asks.iter().map(|a| a.url).chain(p.asks.iter().flat_map(|a| a.headers.iter().map(|(_, v)| *v)));
        let logins = p.login.iter().map(|(_, v)| *v);
        for template in [p.authorize, p.token, p.refresh].into_iter().chain(asks).chain(logins) {
            for part in template.split('{').skip(1) {
                let name = part.split('}').next().unwrap();
                assert!(known.contains(&name) || p.told.iter().any(|t| t.stored == name), "{}: {name}", p.id);
            }
        }
        for url in [p.authorize, p.token, p.refresh].into_iter().chain(p.asks.iter().map(|a| a.url)) {
            assert!(url.starts_with("https://") || url.starts_with('{'), "{}: {url}", p.id);
        }
        assert!(!p.asks.is_empty() || p.auth == Auth::Signed || p.id == "zoho", "{} tells nothing", p.id);
        assert!(p.model.is_empty() || protocol::models::find(p.model).is_some(), "{}", p.id);
        assert!(p.told.iter().filter(|t| t.secret).count() == 1, "{} has one secret", p.id);
    }
}
