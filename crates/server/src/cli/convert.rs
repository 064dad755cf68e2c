//! `ferrite store convert`: the same data in another engine.
use std::path::Path;

use clap::Subcommand;

use super::{Outcome, Place, config};
use crate::admin::{Command, call};
use crate::config::engine_kind;

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Copies the store into another engine; the old one is kept beside it until you remove it.
    Convert {
        /// Engine to convert to: fjall or sled.
        #[arg(long, value_name = "ENGINE")]
        to: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: StoreCommand) -> Outcome {
    let StoreCommand::Convert { to, place } = command;
    let config = config(&place)?;
    let target = engine_kind(&to).filter(|k| *k != kv::EngineKind::Memory).ok_or_else(|| format!("cannot convert to {to:?}: write --to fjall or --to sled"))?;
    let data = config.data();
    if matches!(call(&data, &Command::ProjectList), Ok(Some(_))) {
        return Err("a server runs on this folder; stop it first".into());
    }
    let source = kv::engine_of(&data).map_err(|e| e.to_string())?.ok_or_else(|| format!("there is no store in {}", data.display()))?;
    if source == target {
        return Err(format!("the store in {} is one of {target} already", data.display()));
    }
    let fresh = data.join("converted");
    // Leftovers of a conversion that was broken off; the store itself is untouched until the end.
    remove(&fresh)?;
    let copied = kv::convert(&data, &fresh, target, &kv::Options::default(), |_| {}).map_err(|e| {
        let _ = remove(&fresh);
        e.to_string()
    })?;
    let old = data.join(format!("store-{source}"));
    exchange(&data.join("store"), &fresh.join("store"), &old).map_err(|e| format!("the converted store could not be put in place: {e}"))?;
    remove(&fresh)?;
    println!(
        "{} entries ({} bytes) copied and compared. The server now uses {target}; the old store is in {} and may be removed.",
        copied.pairs,
        copied.bytes,
        old.display()
    );
    Ok(())
}

fn remove(dir: &Path) -> Outcome {
    match std::fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(format!("{} cannot be removed: {e}", dir.display())),
        _ => Ok(()),
    }
}

/// Puts `new` in the place of `current` in one step, so that a crash leaves the one or the other there, and keeps the old one as `old`.
fn exchange(current: &Path, new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match std::fs::remove_dir_all(old) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    renameat_with(CWD, current, CWD, new, RenameFlags::EXCHANGE)?;
    std::fs::rename(new, old)?;
    if let Some(folder) = current.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
