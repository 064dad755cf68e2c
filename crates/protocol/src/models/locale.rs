//! Countries, languages and the like.
use super::table::models;

models! {
    COUNTRY_LIST: "countryList" "Countries List" {
        "total": integer; "countries": list (COUNTRY);
    }
    CONTINENT_LIST: "continentList" "Continents List" {
        "total": integer; "continents": list (CONTINENT);
    }
    LANGUAGE_LIST: "languageList" "Languages List" {
        "total": integer; "languages": list (LANGUAGE);
    }
    CURRENCY_LIST: "currencyList" "Currencies List" {
        "total": integer; "currencies": list (CURRENCY);
    }
    PHONE_LIST: "phoneList" "Phones List" {
        "total": integer; "phones": list (PHONE);
    }
    LOCALE_CODE_LIST: "localeCodeList" "Locale codes list" {
        "total": integer; "localeCodes": list (LOCALE_CODE);
    }
    LOCALE: "locale" "Locale" {
        "ip": text; "countryCode": text; "country": text; "continentCode": text; "continent": text; "eu": boolean; "currency": text;
    }
    LOCALE_CODE: "localeCode" "LocaleCode" {
        "code": text; "name": text;
    }
    COUNTRY: "country" "Country" {
        "name": text; "code": text;
    }
    CONTINENT: "continent" "Continent" {
        "name": text; "code": text;
    }
    LANGUAGE: "language" "Language" {
        "name": text; "code": text; "nativeName": text;
    }
    CURRENCY: "currency" "Currency" {
        "symbol": text; "name": text; "symbolNative": text; "decimalDigits": integer; "rounding": float; "code": text; "namePlural": text;
    }
    PHONE: "phone" "Phone" {
        "code": text; "countryCode": text; "countryName": text;
    }
}
