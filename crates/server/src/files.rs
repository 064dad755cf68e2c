//! Going through all files: to another device, and to see whether they are whole.
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use access::Access;
use database::{Cursor, Document, Find, Namespace};
use kernel::App;
use serde_json::{Value, json};
use storage::BlobRef;

use crate::config::Config;
use crate::device::{self, Remembered};
use crate::housekeeping::projects;

const WHY: Access = Access::System("an administrator goes through all files");
/// Documents read at once.
const PAGE: u64 = 500;
/// Copied files between two lines of the log.
const TOLD_EVERY: u64 = 1_000;

/// Moves all files to the device `to`, or goes on with a move.
pub(crate) fn relocate(app: &Arc<App>, to: &str) -> Result<Value, String> {
    let data = app.blobs.blobs_folder().parent().and_then(|files| files.parent()).map(PathBuf::from).ok_or("this store has no data folder")?;
    let config = Config::from_env().map_err(|e| e.to_string())?;
    let known = device::remembered(&data)?.ok_or("the data folder does not say where its files are")?;
    let from = match (&known.moving_from, to) {
        (Some(from), to) if to.is_empty() || to == known.device => from.clone(),
        (Some(from), _) => return Err(format!("files are being moved from {from} to {}; that has to end first", known.device)),
        (None, "") => return Err(format!("no move was broken off; write --to DEVICE, one of {}", device::NAMES)),
        (None, to) if to == known.device => return Err(format!("the files are on {to} already")),
        (None, to) => {
            begin(app, &data, &config, &known, to)?;
            known.device.clone()
        }
    };
    let now = device::remembered(&data)?.map_or(known.device, |k| k.device);
    let work = app.blobs.moving().ok_or("the move is not under way; start the server again")?;
    let mut told = 0;
    let copied = app.runtime.block_on(work.copy(&AtomicBool::new(false), |done| {
        if done.copied >= told + TOLD_EVERY {
            told = done.copied;
            tracing::info!(files = done.copied, bytes = done.bytes, "moving files");
        }
    }));
    let done = copied.map_err(|e| format!("the move was broken off and may be begun again: {}", e.causes()))?.ok_or("the move was broken off")?;
    device::remember(&data, &Remembered { device: now.clone(), moving_from: None, moved_from: Some(from) })?;
    work.finish();
    tracing::info!(files = done.copied, bytes = done.bytes, device = now, "files were moved");
    Ok(json!({"device": now, "copied": done.copied, "bytes": done.bytes, "compared": done.compared}))
}

fn begin(app: &Arc<App>, data: &std::path::Path, config: &Config, known: &Remembered, to: &str) -> Result<(), String> {
    let target = config.device(to).map_err(|e| e.to_string())?;
    // Remembered first: whatever is written to the new device is found again after a crash.
    device::remember(data, &Remembered { device: to.to_owned(), moving_from: Some(known.device.clone()), moved_from: None })?;
    app.runtime.block_on(app.blobs.begin_move(&target)).map_err(|e| {
        let back = device::remember(data, known).err().unwrap_or_default();
        format!("{target} cannot be used: {}{back}", e.causes())
    })
}

/// Reads every byte of every file of every project.
pub(crate) fn verify(app: &Arc<App>) -> Result<Value, String> {
    let (mut files, mut bytes, mut damaged) = (0_u64, 0_u64, Vec::new());
    for (project, ns) in projects(app) {
        for bucket in documents(app, ns, "buckets")? {
            for file in documents(app, ns, &format!("bucket_{}", bucket.sequence))? {
                let Some(blob) = blob(&file) else { continue };
                files += 1;
                bytes += blob.size_original;
                if let Err(e) = app.runtime.block_on(app.blobs.verify(&blob)) {
                    // Removed since the list was read: nothing is wrong with it.
                    let there =
                        app.collection(ns, &format!("bucket_{}", bucket.sequence)).ok().and_then(|c| app.db.read().get(&WHY, &c, &file.id).ok().flatten());
                    if there.is_none_or(|f| f.sequence != file.sequence) {
                        continue;
                    }
                    tracing::error!(project, bucket = bucket.id, file = file.id, key = blob.key, error = e.causes(), "a file cannot be read as it was written");
                    damaged.push(json!({"projectId": project, "bucketId": bucket.id, "fileId": file.id, "key": blob.key, "what": e.causes()}));
                }
            }
        }
    }
    Ok(json!({"files": files, "bytes": bytes, "damaged": damaged}))
}

/// Where the bytes of a file are; nothing for one that is still arriving.
fn blob(file: &Document) -> Option<BlobRef> {
    let size = |key| u64::try_from(file.int(key)).ok();
    Some(BlobRef {
        key: file.value("blob").get("key")?.as_str()?.to_owned(),
        size_original: size("sizeOriginal")?,
        size_stored: size("sizeActual")?,
        encrypted: file.bool("encryption"),
    })
}

/// All documents of a collection; none when it is gone.
fn documents(app: &App, ns: Namespace, name: &str) -> Result<Vec<Arc<Document>>, String> {
    let reader = app.db.read();
    let Some(coll) = reader.collection(ns, name).map_err(|e| e.to_string())? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    let mut find = Find { limit: PAGE, ..Find::default() };
    loop {
        let page = reader.find(&WHY, &coll, &find).map_err(|e| e.to_string())?.documents;
        let last = page.last().map(|d| d.id.clone());
        let full = page.len() as u64 == PAGE;
        all.extend(page);
        match last {
            Some(id) if full => find.cursor = Some(Cursor { id, before: false }),
            _ => return Ok(all),
        }
    }
}
