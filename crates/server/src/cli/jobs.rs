//! `ferrite jobs`.
use clap::Subcommand;
use serde_json::Value;

use super::admin::perform;
use super::{Outcome, Place};
use crate::admin::Command;

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// Lists jobs: what they are about, when they are tried next, why they failed last.
    List {
        /// Only those that were given up.
        #[arg(long)]
        failed: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Tries a job again that was given up.
    Retry {
        /// Id of the job.
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Removes a job; it is not tried again.
    Drop {
        /// Id of the job.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: JobsCommand) -> Outcome {
    match command {
        JobsCommand::List { failed, json, place } => {
            let found = perform(&place, &Command::Jobs { failed })?;
            if json {
                println!("{found}");
            } else {
                found.get("jobs").and_then(Value::as_array).into_iter().flatten().for_each(show);
            }
        }
        JobsCommand::Retry { id, place } => {
            perform(&place, &Command::JobRetry { id })?;
        }
        JobsCommand::Drop { id, place } => {
            perform(&place, &Command::JobDrop { id })?;
        }
    }
    Ok(())
}

fn show(job: &Value) {
    let text = |key: &str| job.get(key).and_then(Value::as_str).unwrap_or("");
    let attempts = job.get("attempts").and_then(Value::as_i64).unwrap_or(0);
    println!("{}  {:<8} {:<8} {:<20} {}", text("id"), text("kind"), text("state"), text("projectId"), text("about"));
    println!("    queued {}, tried {attempts} time{}, next {}", text("created"), if attempts == 1 { "" } else { "s" }, text("next"));
    if !text("error").is_empty() {
        println!("    {}", text("error"));
    }
}
