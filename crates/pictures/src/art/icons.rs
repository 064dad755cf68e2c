//! Icons of payment cards and browsers, and placeholders: own drawings that hint at colours and names, not the marks of their owners.

/// Codes of cards: what is written on each, the ground, and a sign of two colours.
pub(super) const CARDS: [(&str, &str, &str, [&str; 2]); 17] = [
    ("amex", "AMEX", "2671b9", ["fff", "9fd0f5"]),
    ("argencard", "ARGENCARD", "1d6fb8", ["f5b335", "fff"]),
    ("cabal", "CABAL", "0a5c99", ["fff", "e84e1b"]),
    ("cencosud", "CENCOSUD", "f2f2f2", ["e2001a", "004f9f"]),
    ("diners", "DINERS", "f4f6f8", ["004a97", "8fb4d9"]),
    ("discover", "DISCOVER", "fdfaf5", ["f47216", "231f20"]),
    ("elo", "ELO", "111111", ["ffcb05", "00a4e0"]),
    ("hipercard", "HIPERCARD", "822124", ["fff", "f4b8ba"]),
    ("jcb", "JCB", "f5f7f9", ["0e4c96", "00883f"]),
    ("mastercard", "MASTERCARD", "16212f", ["eb001b", "f79e1b"]),
    ("naranja", "NARANJA", "fe5000", ["fff", "ffd2bd"]),
    ("targeta-shopping", "SHOPPING", "f7f7f7", ["d71920", "1c3f94"]),
    ("unionpay", "UNIONPAY", "00447c", ["e21836", "007b84"]),
    ("visa", "VISA", "1a1f71", ["fff", "f7b600"]),
    ("mir", "MIR", "f4faf6", ["4db45e", "00a0df"]),
    ("maestro", "MAESTRO", "12213a", ["0099df", "ed0006"]),
    ("rupay", "RUPAY", "f6f7fb", ["097969", "f58220"]),
];

/// Codes of browsers: how each is drawn, and its colours.
pub(super) const BROWSERS: [(&str, &str, [&str; 3]); 14] = [
    ("aa", "ring", ["2f5fb3", "8fb5ef", "fff"]),
    ("an", "window", ["3ddc84", "1e7e4c", "fff"]),
    ("ch", "wheel", ["de5246", "1aa260", "ffce44"]),
    ("ci", "wheel", ["de5246", "1aa260", "ffce44"]),
    ("cm", "wheel", ["de5246", "1aa260", "ffce44"]),
    ("cr", "wheel", ["4587f3", "2d5fb5", "a3c4fb"]),
    ("ff", "swirl", ["ff7139", "5b2a9d", "ffd567"]),
    ("sf", "needle", ["1e9bf0", "e8443a", "fff"]),
    ("mf", "needle", ["1e9bf0", "e8443a", "fff"]),
    ("ps", "swirl", ["0c59a4", "35c1b1", "bfe8f7"]),
    ("oi", "swirl", ["0c59a4", "35c1b1", "bfe8f7"]),
    ("om", "ring", ["e8252f", "a3121b", "fff"]),
    ("op", "ring", ["fa1e2d", "b4101c", "fff"]),
    ("on", "ring", ["b9b9bf", "6c6c75", "fff"]),
];

/// A card.
pub(super) fn card(name: &str, ground: &str, [first, second]: [&str; 2]) -> String {
    let size = if name.len() > 8 { 92 } else { 120 };
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='900'><rect width='1200' height='900' fill='#{ground}'/>\
        <circle cx='530' cy='330' r='120' fill='#{first}'/><circle cx='670' cy='330' r='120' fill='#{second}' fill-opacity='.8'/>\
        <text x='600' y='640' font-size='{size}' text-anchor='middle' fill='#{first}' stroke='#{first}' stroke-width='4'>{name}</text></svg>"
    )
}

/// A browser.
pub(super) fn browser(kind: &str, [a, b, c]: [&str; 3]) -> String {
    let shapes = match kind {
        "wheel" => format!(
            "<path fill='#{a}' d='M50 50L9 26A48 48 0 0 1 91 26Z'/><path fill='#{c}' d='M50 50L91 26A48 48 0 0 1 50 98Z'/><path fill='#{b}' d='M50 50L50 98A48 48 0 0 1 9 26Z'/>\
            <circle cx='50' cy='50' r='22' fill='#fff'/><circle cx='50' cy='50' r='17' fill='#4587f3'/>"
        ),
        "needle" => format!(
            "<circle cx='50' cy='50' r='48' fill='#{a}'/><circle cx='50' cy='50' r='42' fill='none' stroke='#{c}' stroke-width='3' stroke-dasharray='2 6'/>\
            <path fill='#{b}' d='M78 22L56 56L44 44Z'/><path fill='#{c}' d='M22 78L44 44L56 56Z'/>"
        ),
        "swirl" => format!(
            "<circle cx='50' cy='50' r='48' fill='#{a}'/><path fill='#{b}' d='M50 14A36 36 0 1 1 16 62Q34 78 54 70T70 44Q62 22 50 14Z'/><path fill='#{c}' d='M14 40Q36 8 74 20Q48 20 42 44Q28 30 14 40Z'/>"
        ),
        "window" => format!(
            "<rect x='6' y='14' width='88' height='72' rx='10' fill='#{a}'/><rect x='6' y='14' width='88' height='18' rx='9' fill='#{b}'/>\
            <circle cx='18' cy='23' r='3.5' fill='#{c}'/><circle cx='30' cy='23' r='3.5' fill='#{c}'/><rect x='18' y='44' width='64' height='8' rx='4' fill='#{c}'/><rect x='18' y='60' width='40' height='8' rx='4' fill='#{c}'/>"
        ),
        _ => format!(
            "<ellipse cx='50' cy='50' rx='48' ry='48' fill='#{a}'/><ellipse cx='50' cy='50' rx='24' ry='36' fill='#{c}'/><ellipse cx='50' cy='50' rx='48' ry='48' fill='none' stroke='#{b}' stroke-width='4'/>"
        ),
    };
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='2048' height='2048' viewBox='-2 -2 104 104'>{shapes}</svg>")
}

/// A sheet, a picture or a film on a wide ground.
pub(super) fn placeholder(inner: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='800' viewBox='-100 -50 300 200'><g fill='none' stroke='#90a4ae' stroke-width='5' stroke-linejoin='round' stroke-linecap='round'>{inner}</g></svg>"
    )
}
