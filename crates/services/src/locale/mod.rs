//! Locale: where the caller is, as far as its address tells, and the lists that forms need. Countries and continents have their names in the caller's locale.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use serde_json::{Value, json};

use crate::support::object;

endpoint! {
    /// Tells where the caller is, as far as its address tells.
    GET: Get "/v1/locale" => 200 "locale" by get(());
    sdk ["locale.get"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the locales the API knows.
    CODES: Get "/v1/locale/codes" => 200 "localeCodeList" by codes(());
    sdk ["locale.listCodes"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the continents.
    CONTINENTS: Get "/v1/locale/continents" => 200 "continentList" by continents(());
    sdk ["locale.listContinents"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the countries.
    COUNTRIES: Get "/v1/locale/countries" => 200 "countryList" by countries(());
    sdk ["locale.listCountries"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the countries of the European Union.
    COUNTRIES_EU: Get "/v1/locale/countries/eu" => 200 "countryList" by countries_eu(());
    sdk ["locale.listCountriesEU"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the calling codes of countries.
    PHONES: Get "/v1/locale/countries/phones" => 200 "phoneList" by phones(());
    sdk ["locale.listCountriesPhones"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the currencies.
    CURRENCIES: Get "/v1/locale/currencies" => 200 "currencyList" by currencies(());
    sdk ["locale.listCurrencies"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}
endpoint! {
    /// Lists the languages.
    LANGUAGES: Get "/v1/locale/languages" => 200 "languageList" by languages(());
    sdk ["locale.listLanguages"] auth [Admin, Session, Key, Jwt] scope ["locale.read"]
}

fn get(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let unknown = locale::unknown_country(&cx.locale);
    let Some(place) = cx.app.geo.place(cx.ip()) else {
        let map = json!({
            "ip": cx.ip(), "countryCode": "--", "country": unknown, "continentCode": "--", "continent": unknown, "eu": false, "currency": "",
        });
        return Ok(Reply::Model("locale", object(map)));
    };
    let country = locale::countries_in(&cx.locale).into_iter().find(|(_, c)| c.code == place.country);
    let continent = locale::continents_in(&cx.locale).into_iter().find(|(_, c)| c.code == place.continent).map_or(unknown, |(name, _)| name);
    let map = json!({
        "ip": cx.ip(), "countryCode": place.country, "country": country.map_or(unknown, |(name, _)| name), "continentCode": place.continent,
        "continent": continent, "eu": country.is_some_and(|(_, c)| c.eu), "currency": place.currency,
    });
    Ok(Reply::Model("locale", object(map)))
}

fn list(model: &'static str, key: &'static str, item: &'static str, items: impl Iterator<Item = Value>) -> Reply {
    let items: Vec<_> = items.map(object).collect();
    let total = items.len() as u64;
    Reply::list(model, key, item, items, total)
}

fn country((name, c): (&'static str, &locale::Country)) -> Value {
    json!({"name": name, "code": c.code})
}

fn currency(c: &locale::Currency) -> Value {
    json!({
        "symbol": c.symbol,
        "name": c.name,
        "symbolNative": c.symbol_native,
        "decimalDigits": c.decimal_digits,
        "rounding": c.rounding,
        "code": c.code,
        "namePlural": c.name_plural,
    })
}

fn codes(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::codes().iter().map(|l| json!({"code": l.code, "name": l.name}));
    Ok(list("localeCodeList", "localeCodes", "localeCode", items))
}

fn continents(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::continents_in(&cx.locale).into_iter().map(|(name, c)| json!({"name": name, "code": c.code}));
    Ok(list("continentList", "continents", "continent", items))
}

fn countries(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::countries_in(&cx.locale).into_iter().map(country);
    Ok(list("countryList", "countries", "country", items))
}

fn countries_eu(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::countries_in(&cx.locale).into_iter().filter(|(_, c)| c.eu).map(country);
    Ok(list("countryList", "countries", "country", items))
}

fn phones(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let mut countries: Vec<_> = locale::countries_in(&cx.locale).into_iter().filter(|(_, c)| !c.phone.is_empty()).collect();
    // By calling code as a number; the sort keeps those that share one by name.
    countries.sort_by_key(|(_, c)| c.phone.parse::<u32>().unwrap_or(u32::MAX));
    let items = countries.into_iter().map(|(name, c)| json!({"code": format!("+{}", c.phone), "countryCode": c.code, "countryName": name}));
    Ok(list("phoneList", "phones", "phone", items))
}

fn currencies(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::currencies().iter().map(currency);
    Ok(list("currencyList", "currencies", "currency", items))
}

fn languages(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = locale::languages().iter().map(|l| json!({"name": l.name, "code": l.code, "nativeName": l.native_name}));
    Ok(list("languageList", "languages", "language", items))
}

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[&[&GET, &CODES, &CONTINENTS, &COUNTRIES, &COUNTRIES_EU, &PHONES, &CURRENCIES, &LANGUAGES]];
