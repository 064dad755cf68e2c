//! `ferrite keys`: the master secrets of a data folder.
use clap::Subcommand;
use serde_json::{Value, json};

use super::admin::perform;
use super::{Outcome, Place, folder_config};
use crate::admin::Command;
use crate::{keys, secret};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Shows which keys the data folder was sealed with, and the ids of the secrets that are set. Needs no secret.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Seals with another secret from now on. Keep the one in use as _APP_OPENSSL_KEY_V1 and set the new one as _APP_OPENSSL_KEY_V2 (a folder of
    /// `serve --dev` makes its own). Nothing is encrypted anew: what is there stays readable, the old key being kept sealed under the new one.
    Rotate {
        /// The old secret got out: tokens signed with it (sessions as JWT, file tokens, keys with an end) are refused from now on.
        #[arg(long)]
        compromised: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: KeysCommand) -> Outcome {
    match command {
        KeysCommand::List { json, place } => list(&place, json),
        KeysCommand::Rotate { compromised, json, place } => rotate(&place, compromised, json),
    }
}

fn list(place: &Place, as_json: bool) -> Outcome {
    let config = folder_config(place)?;
    let file = keys::read(&config.data())?;
    let known = file.as_ref().map(|f| f.keys()).unwrap_or_default();
    // Not an error here: the list is what one looks at when the secrets are in disorder.
    let set = config.secrets().ok().and_then(|s| crypto::Keyring::new(&s).ok()).map(|r| r.ids()).unwrap_or_default();
    if as_json {
        let items: Vec<Value> = known
            .iter()
            .enumerate()
            .map(|(i, k)| json!({"id": k.id, "since": k.since, "inUse": i + 1 == known.len(), "tokens": k.tokens, "secretIsSet": set.contains(&k.id)}))
            .collect();
        println!("{}", json!({"keys": items, "set": set}));
        return Ok(());
    }
    for (i, key) in known.iter().enumerate() {
        let state = if i + 1 == known.len() { "in use" } else { "retired" };
        let tokens = if key.tokens { "" } else { ", its tokens are refused" };
        println!("{}  since {}  {state}{tokens}{}", key.id, key.since, if set.contains(&key.id) { ", its secret is set" } else { "" });
    }
    for id in set.iter().filter(|id| known.iter().all(|k| k.id != **id)) {
        println!("{id}  set, not used by this folder yet");
    }
    Ok(())
}

fn rotate(place: &Place, compromised: bool, as_json: bool) -> Outcome {
    let config = folder_config(place)?;
    let data = config.data();
    let before = keys::read(&data)?.map(|f| f.current().to_owned());
    let own = config.has_own_secret();
    let secrets =
        if own { secret::add(&data).map_err(|e| format!("{}: {e}", data.join(secret::FILE).display())) } else { config.secrets().map_err(|e| e.to_string()) };
    let secrets = secrets?.into_iter().map(crypto::Secret::new).collect();
    let done = perform(place, &Command::KeysRotate { secrets, compromised })?;
    let current = done.get("current").and_then(Value::as_str).unwrap_or("").to_owned();
    // Without a server the opening of the folder has done it already.
    let rotated = before.is_some_and(|b| b != current);
    if !rotated && done.get("changed") != Some(&Value::Bool(true)) {
        return Err(format!("key {current} is in use, and no new secret is set: keep _APP_OPENSSL_KEY_V1 and set the new one as _APP_OPENSSL_KEY_V2"));
    }
    if as_json {
        println!("{}", json!({"current": current, "rotated": rotated}));
        return Ok(());
    }
    if rotated {
        println!("Key {current} is in use from now on; what was sealed before stays readable.");
        if !own {
            println!(
                "Before the next start set _APP_OPENSSL_KEY_V1 to the new secret alone: the old one does not open this folder any more and is not needed."
            );
        }
        println!("Make a backup of {} with the data folder.", data.join("keys.json").display());
    }
    if compromised {
        println!("Tokens signed with older keys are refused from now on.");
    }
    Ok(())
}
