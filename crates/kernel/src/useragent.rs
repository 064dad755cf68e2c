//! What a `User-Agent` header says about system, client and device, in the fields of the session model and with the codes that its
//! readers (the Console among them) know.

/// Parsed header; empty texts where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of the session model")]
pub struct UserAgent {
    pub os_code: String,
    pub os_name: String,
    pub os_version: String,
    pub client_type: String,
    pub client_code: String,
    pub client_name: String,
    pub client_version: String,
    pub client_engine: String,
    pub client_engine_version: String,
    pub device_name: String,
    pub device_brand: String,
    pub device_model: String,
}

/// A browser: mark in the header, code, name, engine.
struct Browser(&'static str, &'static str, &'static str, &'static str);

/// In order of looking: what others imitate comes last.
const BROWSERS: &[Browser] = &[
    Browser("EdgA/", "PS", "Microsoft Edge", "Blink"),
    Browser("EdgiOS/", "PS", "Microsoft Edge", "WebKit"),
    Browser("Edg/", "PS", "Microsoft Edge", "Blink"),
    Browser("OPR/", "OP", "Opera", "Blink"),
    Browser("Opera/", "OP", "Opera", "Presto"),
    Browser("SamsungBrowser/", "SB", "Samsung Browser", "Blink"),
    Browser("YaBrowser/", "YA", "Yandex Browser", "Blink"),
    Browser("Vivaldi/", "VI", "Vivaldi", "Blink"),
    Browser("FxiOS/", "FM", "Firefox Mobile", "WebKit"),
    Browser("Firefox/", "FF", "Firefox", "Gecko"),
    Browser("HeadlessChrome/", "HC", "Headless Chrome", "Blink"),
    Browser("CriOS/", "CI", "Chrome Mobile iOS", "WebKit"),
    Browser("Chrome/", "CH", "Chrome", "Blink"),
    Browser("Trident/", "IE", "Internet Explorer", "Trident"),
    Browser("MSIE ", "IE", "Internet Explorer", "Trident"),
    Browser("Version/", "SF", "Safari", "WebKit"),
];

/// Programs that are no browsers: mark and name.
const LIBRARIES: &[(&str, &str)] = &[
    ("python-requests/", "Python Requests"),
    ("Python-urllib/", "Python urllib"),
    ("aiohttp/", "aiohttp"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("axios/", "Axios"),
    ("node-fetch/", "Node Fetch"),
    ("undici", "undici"),
    ("okhttp/", "OkHttp"),
    ("Dart/", "Dart"),
    ("Go-http-client/", "Go-http-client"),
    ("GuzzleHttp/", "Guzzle (PHP HTTP Client)"),
    ("Apache-HttpClient/", "Apache HTTP Client"),
    ("reqwest/", "reqwest"),
];

/// Longest header looked at, bytes.
const LONGEST: usize = 1_024;

/// Reads a header.
#[must_use]
pub fn parse(header: &str) -> UserAgent {
    let header = header.get(..LONGEST).unwrap_or(header);
    let mut agent = UserAgent::default();
    if let Some((mark, name)) = LIBRARIES.iter().find(|(mark, _)| header.contains(mark)) {
        agent.client_type = "library".into();
        agent.client_name = (*name).into();
        agent.client_version = short(version_after(header, mark));
        return agent;
    }
    system(header, &mut agent);
    browser(header, &mut agent);
    device(header, &mut agent);
    agent
}

/// Digits and dots right after a mark.
fn version_after<'a>(header: &'a str, mark: &str) -> &'a str {
    let Some((_, rest)) = header.split_once(mark) else { return "" };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
    rest.get(..end).unwrap_or("")
}

/// Major and minor number, as the reference shows versions.
fn short(version: &str) -> String {
    let dotted = version.replace('_', ".");
    dotted.split('.').take(2).collect::<Vec<_>>().join(".")
}

fn system(header: &str, agent: &mut UserAgent) {
    let (code, name, version) = if header.contains("Windows Phone") {
        ("WPH", "Windows Phone", short(version_after(header, "Windows Phone ")))
    } else if header.contains("Windows") {
        ("WIN", "Windows", windows(version_after(header, "Windows NT ")))
    } else if header.contains("Android") {
        ("AND", "Android", short(version_after(header, "Android ")))
    } else if header.contains("iPhone") || header.contains("iPad") || header.contains("iPod") {
        ("IOS", "iOS", short(version_after(header, " OS ")))
    } else if header.contains("Mac OS X") || header.contains("Macintosh") {
        ("MAC", "Mac", short(version_after(header, "Mac OS X ")))
    } else if header.contains("CrOS") {
        ("COS", "Chrome OS", String::new())
    } else if header.contains("Ubuntu") {
        ("UBT", "Ubuntu", String::new())
    } else if header.contains("Linux") || header.contains("X11") {
        ("LIN", "GNU/Linux", String::new())
    } else {
        return;
    };
    agent.os_code = code.into();
    agent.os_name = name.into();
    agent.os_version = version;
}

fn windows(nt: &str) -> String {
    match nt {
        "10.0" => "10",
        "6.3" => "8.1",
        "6.2" => "8",
        "6.1" => "7",
        "6.0" => "Vista",
        "5.1" | "5.2" => "XP",
        other => other,
    }
    .into()
}

fn browser(header: &str, agent: &mut UserAgent) {
    let Some(found) = BROWSERS.iter().find(|b| header.contains(b.0)) else { return };
    let mobile = header.contains("Mobile");
    let (code, name) = match (found.1, mobile && agent.os_code == "AND", mobile && agent.os_code == "IOS") {
        ("CH", true, _) => ("CM", "Chrome Mobile"),
        ("FF", true, _) => ("FM", "Firefox Mobile"),
        ("SF", _, true) => ("MF", "Mobile Safari"),
        _ => (found.1, found.2),
    };
    let engine = match found.3 {
        "Blink" => version_after(header, "Chrome/"),
        "WebKit" => version_after(header, "AppleWebKit/"),
        "Gecko" => version_after(header, "rv:"),
        "Trident" => version_after(header, "Trident/"),
        _ => "",
    };
    agent.client_type = "browser".into();
    agent.client_code = code.into();
    agent.client_name = name.into();
    agent.client_version = short(version_after(header, found.0));
    agent.client_engine = found.3.into();
    agent.client_engine_version = engine.into();
}

fn device(header: &str, agent: &mut UserAgent) {
    let (name, brand, model) = match agent.os_code.as_str() {
        "WIN" | "MAC" | "LIN" | "UBT" | "COS" => ("desktop", if agent.os_code == "MAC" { "Apple" } else { "" }, String::new()),
        "IOS" if header.contains("iPad") => ("tablet", "Apple", "iPad".to_owned()),
        "IOS" => ("smartphone", "Apple", "iPhone".to_owned()),
        "AND" => (if header.contains("Mobile") { "smartphone" } else { "tablet" }, android_brand(header), android_model(header)),
        _ => return,
    };
    agent.device_name = name.into();
    agent.device_brand = brand.into();
    agent.device_model = model;
}

/// `… Android 14; Pixel 8 Build/…)` → `Pixel 8`.
fn android_model(header: &str) -> String {
    let Some((_, rest)) = header.split_once("Android ") else { return String::new() };
    let inside = rest.split(')').next().unwrap_or("");
    let model = inside.split(';').nth(1).unwrap_or("").split(" Build").next().unwrap_or("").trim();
    if model == "K" { String::new() } else { model.to_owned() }
}

fn android_brand(header: &str) -> &'static str {
    const BRANDS: &[(&str, &str)] = &[
        ("SM-", "Samsung"),
        ("Samsung", "Samsung"),
        ("Pixel", "Google"),
        ("Nexus", "Google"),
        ("Redmi", "Xiaomi"),
        ("Xiaomi", "Xiaomi"),
        ("ONEPLUS", "OnePlus"),
        ("HUAWEI", "Huawei"),
        ("moto", "Motorola"),
    ];
    BRANDS.iter().find(|(mark, _)| header.contains(mark)).map_or("", |(_, brand)| brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers() {
        let chrome = parse("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36");
        assert_eq!((chrome.os_code.as_str(), chrome.os_version.as_str()), ("WIN", "10"));
        assert_eq!((chrome.client_type.as_str(), chrome.client_code.as_str(), chrome.client_version.as_str()), ("browser", "CH", "120.0"));
        assert_eq!((chrome.client_engine.as_str(), chrome.client_engine_version.as_str(), chrome.device_name.as_str()), ("Blink", "120.0.0.0", "desktop"));
        let iphone =
            parse("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1");
        assert_eq!((iphone.os_code.as_str(), iphone.os_version.as_str(), iphone.client_code.as_str()), ("IOS", "17.1", "MF"));
        assert_eq!((iphone.device_name.as_str(), iphone.device_brand.as_str(), iphone.device_model.as_str()), ("smartphone", "Apple", "iPhone"));
        let pixel = parse("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36");
        assert_eq!((pixel.client_name.as_str(), pixel.device_brand.as_str(), pixel.device_model.as_str()), ("Chrome Mobile", "Google", "Pixel 8"));
        let edge =
            parse("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 Edg/118.0.2088.46");
        assert_eq!((edge.client_code.as_str(), edge.os_code.as_str(), edge.os_version.as_str()), ("PS", "MAC", "10.15"));
    }

    #[test]
    fn libraries_and_nonsense() {
        let requests = parse("python-requests/2.34.2");
        assert_eq!((requests.client_type.as_str(), requests.client_name.as_str(), requests.client_version.as_str()), ("library", "Python Requests", "2.34"));
        assert_eq!(parse(""), UserAgent::default());
        assert_eq!(parse("é".repeat(2_000).as_str()), UserAgent::default());
    }
}
