//! `ferrite mails`: what a development server would have sent.
use serde_json::json;

use super::{Outcome, Place, folder_config};

/// Flags of `mails`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only mails to this address and short messages to this number.
    #[arg(long, value_name = "ADDR")]
    to: Option<String>,
    /// Print one JSON line for each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(options: &Options) -> Outcome {
    let config = folder_config(&options.place)?;
    let folder = config.mails();
    let fail = |e: std::io::Error| format!("{}: {e}", folder.display());
    let wanted = |to: &str| options.to.as_deref().is_none_or(|w| w.eq_ignore_ascii_case(to));
    for (id, mail) in mail::captured(&folder).map_err(fail)?.into_iter().filter(|(_, m)| wanted(&m.to)) {
        if options.json {
            println!(
                "{}",
                json!({"id": id, "to": mail.to, "toName": mail.to_name, "from": mail.from, "subject": mail.subject, "text": mail.text, "html": mail.html})
            );
        } else {
            println!("--- {id}\nTo: {}\nFrom: {} <{}>\nSubject: {}\n\n{}\n", mail.to, mail.from_name, mail.from, mail.subject, mail.text);
        }
    }
    for (id, text) in mail::captured_texts(&folder).map_err(fail)? {
        let part = |key: &str| text.get(key).and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
        if !wanted(&part("to")) {
            continue;
        }
        if options.json {
            println!("{text}");
        } else {
            println!("--- {id}\nTo: {}\n\n{}\n", part("to"), part("message"));
        }
    }
    Ok(())
}
