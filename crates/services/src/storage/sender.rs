//! Who sends a file that comes in parts: nobody else goes on with it, nor learns of it by trying.
use database::Document;
use kernel::{Cx, Result};
use protocol::ErrorKind;
use serde_json::Value;

use super::model::is_complete;
use super::place::Place;

/// Stands for keys and the console.
const PRIVILEGED: &str = "*";

/// The sender that a record names: beside where the bytes are, or in its place while parts are missing.
fn noted(file: &Document) -> Option<&str> {
    match file.value("blob") {
        Value::String(sender) => Some(sender),
        blob => blob.get("sender").and_then(Value::as_str),
    }
}

/// Who the sender of a part of a file is to be noted as, given the record of the file so far; refuses a part of what another sends or has sent. Of what guests send the id tells alone.
pub(super) fn of_part(cx: &Cx<'_>, place: &Place, id: &str, file: Option<&Document>) -> Result<String> {
    let caller = if cx.privileged() { PRIVILEGED } else { cx.user_id() };
    let Some(file) = file else { return Ok(caller.to_owned()) };
    let sender = noted(file);
    let same = cx.privileged() || sender.is_some_and(|s| s == caller);
    // Parts of a file that is there are answered with its record, which is for those who may read it.
    let may = if is_complete(file) { (same && !caller.is_empty()) || place.readable(cx, id).is_ok() } else { same || sender.is_none_or(str::is_empty) };
    if may { Ok(sender.unwrap_or(caller).to_owned()) } else { Err(ErrorKind::StorageFileAlreadyExists.into()) }
}
