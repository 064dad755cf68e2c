//! Security phrases: two words that a mail and the page where somebody signs in both show.
const FIRST: &[&str] = &[
    "Able", "Amber", "Ancient", "Autumn", "Bold", "Brave", "Bright", "Brisk", "Calm", "Careful", "Cheerful", "Clever", "Cobalt", "Copper", "Coral", "Crisp",
    "Curious", "Daring", "Distant", "Eager", "Early", "Earnest", "Emerald", "Fabled", "Faithful", "Fearless", "Fluent", "Fond", "Frosty", "Gentle", "Gilded", "Glad",
    "Golden", "Graceful", "Green", "Happy", "Hardy", "Hidden", "Honest", "Humble", "Icy", "Indigo", "Ivory", "Jolly", "Joyful", "Keen", "Kind", "Lively",
    "Loyal", "Lucky", "Mellow", "Mighty", "Misty", "Modest", "Narrow", "Nimble", "Noble", "Northern", "Patient", "Playful", "Polite", "Proud", "Quick", "Quiet",
    "Radiant", "Rapid", "Ready", "Royal", "Ruby", "Rustic", "Serene", "Sharp", "Silent", "Silver", "Simple", "Sincere", "Snowy", "Solar", "Southern", "Steady",
    "Sturdy", "Sunny", "Swift", "Tender", "Tidy", "Tranquil", "Trusty", "Upbeat", "Velvet", "Vivid", "Warm", "Wild", "Willing", "Winter", "Wise", "Zesty",
];
const SECOND: &[&str] = &[
    "acorn", "anchor", "arrow", "badger", "basket", "beacon", "bell", "birch", "bridge", "brook", "candle", "canyon", "cedar", "cello", "cliff", "cloud",
    "comet", "compass", "creek", "crown", "dolphin", "dune", "eagle", "ember", "falcon", "feather", "fern", "flute", "forest", "fountain", "fox", "garden",
    "glacier", "grove", "harbor", "hawk", "heron", "hill", "horizon", "island", "jasmine", "kettle", "kite", "lagoon", "lantern", "lark", "leaf", "lemon",
    "lighthouse", "lily", "lynx", "maple", "meadow", "mill", "mirror", "moon", "moss", "mountain", "needle", "oak", "ocean", "olive", "orchid", "otter",
    "owl", "pearl", "pebble", "pine", "planet", "pony", "prairie", "quartz", "rabbit", "rain", "raven", "reef", "river", "robin", "rose", "saddle",
    "sail", "shell", "shore", "sparrow", "spring", "star", "stone", "summit", "swan", "thistle", "tiger", "tower", "valley", "violin", "willow", "window",
];

/// A new phrase.
pub(crate) fn new() -> String {
    let pick = |list: &'static [&'static str]| {
        let at = crypto::random_below(u32::try_from(list.len()).unwrap_or(1));
        list.get(usize::try_from(at).unwrap_or(0)).copied().unwrap_or_default()
    };
    format!("{} {}", pick(FIRST), pick(SECOND))
}
