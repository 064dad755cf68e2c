//! `ferrite storage`.
use clap::Subcommand;
use serde_json::Value;

use super::admin::perform;
use super::{Outcome, Place};
use crate::admin::Command;

#[derive(Debug, Subcommand)]
pub(super) enum StorageCommand {
    /// Moves all files to another device while they are in use: copies, reads every copy back, then uses the new device alone. The old one keeps its
    /// copies. Broken off, it may be begun again.
    Move {
        /// Device to move to: local, s3, dospaces, backblaze, linode, wasabi, gcs or azure, with its settings in the environment of the server.
        #[arg(long, value_name = "DEVICE", default_value = "")]
        to: String,
        #[command(flatten)]
        place: Place,
    },
    /// Reads every byte of every file; exit code 1 when one is damaged or missing.
    Verify {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: StorageCommand) -> Outcome {
    match command {
        StorageCommand::Move { to, place } => {
            let done = perform(&place, &Command::StorageMove { to })?;
            let n = |key: &str| done.get(key).and_then(Value::as_u64).unwrap_or(0);
            let device = done.get("device").and_then(Value::as_str).unwrap_or("");
            println!(
                "{} files ({} bytes) copied and read back, {} compared that were there. Files are now on {device}.",
                n("copied"),
                n("bytes"),
                n("compared")
            );
            println!("Set _APP_STORAGE_DEVICE={device}; the old device keeps its copies and may be emptied.");
            Ok(())
        }
        StorageCommand::Verify { json, place } => {
            let found = perform(&place, &Command::StorageVerify)?;
            let bad = found.get("damaged").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if json {
                println!("{found}");
            } else {
                let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
                for item in bad {
                    println!(
                        "{}  bucket {}  file {}  {}: {}",
                        text(item, "projectId"),
                        text(item, "bucketId"),
                        text(item, "fileId"),
                        text(item, "key"),
                        text(item, "what")
                    );
                }
                let n = |key: &str| found.get(key).and_then(Value::as_u64).unwrap_or(0);
                println!("{} files ({} bytes) read, {} damaged", n("files"), n("bytes"), bad.len());
            }
            if bad.is_empty() { Ok(()) } else { Err(format!("{} of the files cannot be read as they were written", bad.len())) }
        }
    }
}
