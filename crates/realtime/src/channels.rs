//! Names of channels as clients ask for them, and as they are kept: everything below `account` is the caller's own.

/// Actions that may follow a resource in a channel.
const ACTIONS: [&str; 4] = ["create", "update", "upsert", "delete"];

/// The channels a caller gets for those asked for, each once, in order. `account` of a signed-in user is joined by
/// `account.<user>`, `account.<action>` becomes `account.<user>.<action>`, and accounts of others are dropped without a word.
pub(crate) fn convert(asked: &[String], user: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(asked.len());
    for channel in asked {
        push(&mut out, channel.clone());
    }
    let own = format!("account.{user}");
    let names = std::mem::take(&mut out);
    let mut appended = Vec::new();
    for name in names {
        match name.strip_prefix("account.") {
            None => {
                if name == "account" && !user.is_empty() {
                    appended.push(own.clone());
                }
                out.push(name);
            }
            Some(action) if ACTIONS.contains(&action) => {
                if user.is_empty() {
                    out.push(name);
                } else {
                    appended.push(format!("{own}.{action}"));
                }
            }
            // The caller's own is given by `account`; anything else is somebody else's.
            Some(_) => appended.retain(|c| *c != name),
        }
    }
    for channel in appended {
        push(&mut out, channel);
    }
    out
}

fn push(out: &mut Vec<String>, channel: String) {
    if !out.contains(&channel) {
        out.push(channel);
    }
}

/// The name a kept channel has after the socket changed from one user (empty: a guest) to another.
pub(crate) fn rebind(channel: &str, old: &str, new: &str) -> String {
    let Some(rest) = channel.strip_prefix("account.").filter(|_| !new.is_empty() && old != new) else { return channel.to_owned() };
    if old.is_empty() {
        return if ACTIONS.contains(&rest) { format!("account.{new}.{rest}") } else { channel.to_owned() };
    }
    match rest.strip_prefix(old) {
        Some("") => format!("account.{new}"),
        Some(tail) if tail.strip_prefix('.').is_some_and(|a| ACTIONS.contains(&a)) => format!("account.{new}{tail}"),
        _ => channel.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn accounts_are_ones_own() {
        assert_eq!(convert(&list(&["account", "documents"]), "da"), list(&["account", "documents", "account.da"]));
        assert_eq!(convert(&list(&["files", "files", "account"]), ""), list(&["files", "account"]));
        assert_eq!(convert(&list(&["account.other", "files"]), "da"), list(&["files"]));
        // As recorded: asking for both leaves the plain one.
        assert_eq!(convert(&list(&["account", "account.da"]), "da"), list(&["account"]));
        assert_eq!(convert(&list(&["account.update"]), "da"), list(&["account.da.update"]));
        assert_eq!(convert(&list(&["account.update"]), ""), list(&["account.update"]));
    }

    #[test]
    fn a_new_user_takes_the_channels_along() {
        assert_eq!(rebind("account.update", "", "b"), "account.b.update");
        assert_eq!(rebind("account.a", "a", "b"), "account.b");
        assert_eq!(rebind("account.a.update", "a", "b"), "account.b.update");
        assert_eq!(rebind("account.ab", "a", "b"), "account.ab");
        assert_eq!(rebind("files", "a", "b"), "files");
        assert_eq!(rebind("account", "", "b"), "account");
    }
}
