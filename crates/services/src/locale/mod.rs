//! Locale: where the caller is, as far as its address tells, and the lists that forms need. Countries and continents are named in the language of the request.
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
    let country = locale::country_name(&place.country, &cx.locale).unwrap_or(unknown);
    let eu = locale::countries().iter().any(|c| c.code == place.country && c.eu);
    let continents = locale::continents().iter().zip(locale::continent_names(&cx.locale));
    let continent = continents.into_iter().find(|(c, _)| c.code == place.continent).map_or(unknown, |(_, name)| name);
    let map = json!({
        "ip": cx.ip(), "countryCode": place.country, "country": country, "continentCode": place.continent,
        "continent": continent, "eu": eu, "currency": place.currency,
    });
    Ok(Reply::Model("locale", object(map)))
}

fn list(model: &'static str, key: &'static str, item: &'static str, items: impl Iterator<Item = Value>) -> Reply {
    let items: Vec<_> = items.map(object).collect();
    let total = items.len() as u64;
    Reply::list(model, key, item, items, total)
}

/// Countries with their names in the language of the request, by name.
fn named(cx: &Cx<'_>) -> Vec<(&'static locale::Country, &'static str)> {
    let mut all: Vec<_> = locale::countries().iter().zip(locale::country_names(&cx.locale)).collect();
    // By their bytes, as the API does.
    all.sort_by_key(|(_, name)| *name);
    all
}

fn country((c, name): (&locale::Country, &str)) -> Value {
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
    let mut all: Vec<_> = locale::continents().iter().zip(locale::continent_names(&cx.locale)).collect();
    all.sort_by_key(|(_, name)| *name);
    let items = all.into_iter().map(|(c, name)| json!({"name": name, "code": c.code}));
    Ok(list("continentList", "continents", "continent", items))
}

fn countries(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = named(cx).into_iter().map(country);
    Ok(list("countryList", "countries", "country", items))
}

fn countries_eu(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items = named(cx).into_iter().filter(|(c, _)| c.eu).map(country);
    Ok(list("countryList", "countries", "country", items))
}

fn phones(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let mut countries: Vec<_> = locale::countries().iter().zip(locale::country_names(&cx.locale)).filter(|(c, _)| !c.phone.is_empty()).collect();
    // By calling code as a number; the sort keeps those that share one by their English name.
    countries.sort_by_key(|(c, _)| c.phone.parse::<u32>().unwrap_or(u32::MAX));
    let items = countries.into_iter().map(|(c, name)| json!({"code": format!("+{}", c.phone), "countryCode": c.code, "countryName": name}));
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
