//! Mails of a development server without a mail server: kept as files that people and tests can read.
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::{BadMail, Mail};

/// Most of a kind kept; older ones go.
const KEPT: usize = 500;

/// Writes a mail to `<id>.json` (what it says) and `<id>.eml` (what a mail server would get).
pub fn capture(folder: &Path, mail: &Mail, id: &str) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let message = mail.message(id).map_err(|e: BadMail| io::Error::new(io::ErrorKind::InvalidInput, e.to_string()))?;
    let name: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    std::fs::write(folder.join(format!("{name}.eml")), message.formatted())?;
    // Last, under another name first: whoever finds it finds all of it.
    let temporary = folder.join(format!("{name}.tmp"));
    std::fs::write(&temporary, serde_json::to_vec_pretty(mail).map_err(io::Error::other)?)?;
    std::fs::rename(temporary, folder.join(format!("{name}.json")))?;
    forget_old(folder)
}

/// Ids of what is kept, oldest first: they ascend with time.
fn ids(folder: &Path, ending: &str) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(e) => e,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(ids),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let name = entry?.file_name();
        if let Some(id) = name.to_str().and_then(|n| n.strip_suffix(ending)) {
            ids.push(id.to_owned());
        }
    }
    ids.sort();
    Ok(ids)
}

fn forget_old(folder: &Path) -> io::Result<()> {
    for (ending, all) in [(".json", &["json", "eml"][..]), (".sms", &["sms"])] {
        let ids = ids(folder, ending)?;
        for id in ids.iter().take(ids.len().saturating_sub(KEPT)) {
            for kind in all {
                let _ = std::fs::remove_file(folder.join(format!("{id}.{kind}")));
            }
        }
    }
    Ok(())
}

/// The mails kept with their ids, oldest first.
pub fn captured(folder: &Path) -> io::Result<Vec<(String, Mail)>> {
    let mut mails = Vec::new();
    for id in ids(folder, ".json")? {
        let bytes = std::fs::read(folder.join(format!("{id}.json")))?;
        if let Ok(mail) = serde_json::from_slice(&bytes) {
            mails.push((id, mail));
        }
    }
    Ok(mails)
}

/// Writes a short message to `<id>.sms`.
pub fn capture_text(folder: &Path, message: &Value, id: &str) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let name: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let temporary = folder.join(format!("{name}.tmp"));
    std::fs::write(&temporary, message.to_string())?;
    std::fs::rename(temporary, folder.join(format!("{name}.sms")))?;
    forget_old(folder)
}

/// The short messages kept with their ids, oldest first.
pub fn captured_texts(folder: &Path) -> io::Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    for id in ids(folder, ".sms")? {
        let bytes = std::fs::read(folder.join(format!("{id}.sms")))?;
        if let Ok(message) = serde_json::from_slice(&bytes) {
            found.push((id, message));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_captured_can_be_read_in_order() {
        let dir = tempfile::tempdir().unwrap();
        assert!(captured(dir.path()).unwrap().is_empty());
        let mail = |to: &str| Mail { to: to.into(), from: "a@example.com".into(), subject: "s".into(), ..Mail::default() };
        capture(dir.path(), &mail("b@example.com"), "0b").unwrap();
        capture(dir.path(), &mail("a@example.com"), "0a").unwrap();
        let found = captured(dir.path()).unwrap();
        assert_eq!(found.iter().map(|(id, m)| (id.as_str(), m.to.as_str())).collect::<Vec<_>>(), [("0a", "a@example.com"), ("0b", "b@example.com")]);
        assert!(capture(dir.path(), &mail("nobody"), "0c").is_err());
    }
}
