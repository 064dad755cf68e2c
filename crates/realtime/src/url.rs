//! Channels and queries in the query string of a connection: `?channels[]=files&files[0][]=<query>`. Channels that name the same slot
//! share one subscription.
use kernel::body::parse_pairs;
use serde_json::{Map, Value};

use crate::channels;
use crate::filter::Filter;

/// Most channels of one connection request.
const MAX_CHANNELS: usize = 1_000;

/// What a query string asks for.
pub(crate) struct Asked {
    /// Channels granted, for the `connected` frame.
    pub(crate) channels: Vec<String>,
    /// Subscriptions by slot, in order of appearance.
    pub(crate) slots: Vec<Slot>,
}

/// One subscription of a query string.
pub(crate) struct Slot {
    /// Name of the slot, `0` unless said.
    pub(crate) key: String,
    /// Its channels.
    pub(crate) channels: Vec<String>,
    /// What it lets through.
    pub(crate) filter: Filter,
}

/// Reads a query string; the error is the text of the policy violation.
pub(crate) fn parse(query: &str, user: &str) -> Result<Asked, String> {
    // Names of parameters lose their dots, as PHP reads them; brackets are untouched.
    let params: Map<String, Value> = parse_pairs(query).into_iter().map(|(k, v)| (k.replace(['.', ' '], "_"), v)).collect();
    let asked: Vec<String> = match params.get("channels") {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(Value::Object(map)) => map.values().filter_map(text).collect(),
        Some(one) => text(one).into_iter().filter(|c| !c.is_empty()).collect(),
        None => Vec::new(),
    };
    if asked.len() > MAX_CHANNELS {
        return Err(format!("A connection cannot ask for more than {MAX_CHANNELS} channels"));
    }
    let channels = channels::convert(&asked, user);
    let mut slots: Vec<(Slot, bool)> = Vec::new();
    for channel in &channels {
        let key = channel.replace('.', "_");
        match params.get(&key) {
            // A channel of this name would otherwise read the project's id as a query.
            Some(Value::String(_)) if key == "project" => add(&mut slots, "0", channel, None)?,
            None => add(&mut slots, "0", channel, None)?,
            Some(Value::Array(list)) => {
                for (i, value) in list.iter().enumerate() {
                    add(&mut slots, &i.to_string(), channel, Some(value))?;
                }
            }
            Some(Value::Object(map)) => {
                for (slot, value) in map {
                    add(&mut slots, slot, channel, Some(value))?;
                }
            }
            Some(one) => add(&mut slots, "0", channel, Some(one))?,
        }
    }
    Ok(Asked { channels, slots: slots.into_iter().map(|(s, _)| s).collect() })
}

fn text(v: &Value) -> Option<String> {
    v.as_str().map(str::to_owned)
}

/// The first queries given for a slot are the slot's queries.
fn add(slots: &mut Vec<(Slot, bool)>, key: &str, channel: &str, queries: Option<&Value>) -> Result<(), String> {
    let at = match slots.iter().position(|(s, _)| s.key == key) {
        Some(at) => at,
        None => {
            slots.push((Slot { key: key.to_owned(), channels: Vec::new(), filter: Filter::all() }, false));
            slots.len() - 1
        }
    };
    let Some((slot, decided)) = slots.get_mut(at) else { return Ok(()) };
    if !slot.channels.iter().any(|c| c == channel) {
        slot.channels.push(channel.to_owned());
    }
    if *decided {
        return Ok(());
    }
    let texts = match queries {
        None => {
            *decided = true;
            return Ok(());
        }
        Some(Value::Array(list)) => list.clone(),
        Some(Value::Object(map)) => map.values().cloned().collect(),
        Some(one) => vec![one.clone()],
    };
    slot.filter = Filter::parse(&texts)?.0;
    *decided = !texts.is_empty();
    Ok(())
}

/// Ids by slot as PHP prints such an array: a list when the slots count up from 0, else an object.
pub(crate) fn mapping(ids: Vec<(String, String)>) -> Value {
    if ids.iter().enumerate().all(|(i, (slot, _))| *slot == i.to_string()) {
        return Value::Array(ids.into_iter().map(|(_, id)| Value::String(id)).collect());
    }
    Value::Object(ids.into_iter().map(|(slot, id)| (slot, Value::String(id))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const YES: &str = "%7B%22method%22:%22equal%22,%22attribute%22:%22t%22,%22values%22:%5B%22yes%22%5D%7D";

    #[test]
    fn plain_channels_share_one_subscription() {
        let a = parse("project=p&channels[]=files&channels[]=documents", "").unwrap();
        assert_eq!(a.channels, ["files", "documents"]);
        assert_eq!(a.slots.len(), 1);
        assert_eq!(a.slots[0].channels, ["files", "documents"]);
        assert!(parse("project=p", "").unwrap().slots.is_empty());
        assert_eq!(parse("channels[0]=files&channels[1]=rows", "").unwrap().channels, ["files", "rows"]);
    }

    #[test]
    fn slots_carry_queries() {
        let q = format!("channels[]=databases.d.collections.c.documents&channels[]=files&databases.d.collections.c.documents[0][]={YES}&files[1][]={YES}");
        let a = parse(&q, "").unwrap();
        assert_eq!(a.slots.iter().map(|s| (s.key.as_str(), s.channels.len())).collect::<Vec<_>>(), [("0", 1), ("1", 1)]);
        assert!(a.slots[0].filter.matches(&json!({"t": "yes"})));
        assert!(!a.slots[0].filter.matches(&json!({"t": "no"})));
        assert!(parse("channels[]=files&files[0][]=nonsense", "").is_err());
        assert!(parse("channels[]=project&project=p", "").is_ok());
    }

    #[test]
    fn slots_are_printed_as_a_list_when_they_count_up() {
        assert_eq!(mapping(vec![("0".into(), "a".into()), ("1".into(), "b".into())]), json!(["a", "b"]));
        assert_eq!(mapping(vec![("1".into(), "a".into())]), json!({"1": "a"}));
        assert_eq!(mapping(Vec::new()), json!([]));
    }
}
