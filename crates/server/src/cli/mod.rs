//! The command line.
mod admin;
mod convert;
mod doctor;
mod doctor_smtp;
mod healthcheck;
mod jobs;
mod keys;
mod mails;
mod serve;
mod storage;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError};

/// Result of a command; the text is for the user and says what to do.
type Outcome = Result<(), String>;

/// A self-hosted backend server that speaks Appwrite's API.
#[derive(Debug, Parser)]
#[command(name = "ferrite", version, about, after_help = "Settings come from the environment; `ferrite vars` lists them.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the data is.
#[derive(Clone, Debug, Args)]
struct Place {
    /// Data folder [setting: FERRITE_DATA].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Storage engine: fjall, sled or memory [setting: FERRITE_STORE].
    #[arg(long, value_name = "ENGINE")]
    store: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server.
    Serve(serve::Options),
    /// Makes and lists projects; works while the server runs and while it does not.
    #[command(subcommand)]
    Project(admin::ProjectCommand),
    /// Makes API keys; works while the server runs and while it does not.
    #[command(subcommand)]
    Key(admin::KeyCommand),
    /// Shows mails and webhooks that wait or were given up; works while the server runs and while it does not.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Tells who may do what, and why.
    #[command(subcommand)]
    Permissions(admin::PermissionsCommand),
    /// Asks a running server whether it is well; exit code 1 when not.
    Healthcheck {
        /// Address of the server [setting: FERRITE_LISTEN].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// Shows the mails and short messages that a development server has kept instead of sending them.
    Mails(mails::Options),
    /// Checks settings, data folder, disk, store, keys, scanner and mail server.
    #[command(args_conflicts_with_subcommands = true)]
    Doctor {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        part: Option<DoctorPart>,
    },
    /// Shows all settings.
    Vars {
        /// As the page of the documentation.
        #[arg(long)]
        markdown: bool,
    },
    /// Prints the version.
    Version,
    /// Prints the OpenAPI document of the served API.
    Openapi {
        /// Print which routes of Appwrite are served instead, as the page of the documentation.
        #[arg(long)]
        compatibility: bool,
    },
    /// Moves and checks the bytes of files; works while the server runs and while it does not.
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// Shows and changes the master secrets of a data folder; works while the server runs and while it does not.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Works on the store of a stopped server.
    #[command(subcommand)]
    Store(convert::StoreCommand),
    /// Removes old audit entries, ended sessions, abandoned transactions and uploads, and bytes that no file names, now (the server does it every hour).
    Maintenance {
        #[command(flatten)]
        place: Place,
    },
    /// Says how data is brought to the current version.
    Migrate,
    /// Says how to get TLS.
    Ssl,
    /// Worker and scheduler commands of compose files written for Appwrite.
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// One part looked at alone.
#[derive(Debug, Subcommand)]
enum DoctorPart {
    /// Connects to the mail server; with --to, sends a mail.
    Smtp {
        /// Receiver of a mail.
        #[arg(long, value_name = "ADDR")]
        to: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Runs the command line; the exit code is 0, or 1 with a message on stderr.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(arguments(std::env::args_os()));
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Called by another name than its own, the binary does what that name says: `doctor` is `ferrite doctor`. Scripts written for
/// Appwrite's container call such names.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = given.collect();
    let name = all.first().map(|a| Path::new(a).file_name().unwrap_or_default().to_owned()).unwrap_or_default();
    let known = name.to_str().is_some_and(|n| is_worker(n) || ["doctor", "vars", "migrate", "ssl", "maintenance"].contains(&n));
    if known {
        all.insert(1, name);
    }
    all
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Serve(options) => serve::run(&options),
        Command::Project(command) => admin::project(command),
        Command::Key(command) => admin::key(command),
        Command::Jobs(command) => jobs::run(command),
        Command::Permissions(command) => admin::permissions(command),
        Command::Healthcheck { listen } => healthcheck::run(listen.as_deref()),
        Command::Mails(options) => mails::run(&options),
        Command::Doctor { part: Some(DoctorPart::Smtp { to, place }), .. } => doctor_smtp::run(&folder_config(&place)?, to.as_deref()),
        Command::Doctor { place, part: None } => doctor::run(&folder_config(&place)?),
        Command::Vars { markdown } => vars(markdown),
        Command::Version => {
            println!("ferrite {} (API of Appwrite {})", env!("CARGO_PKG_VERSION"), protocol::VERSION);
            Ok(())
        }
        Command::Openapi { compatibility } => openapi(compatibility),
        Command::Store(command) => convert::run(command),
        Command::Storage(command) => storage::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Maintenance { place } => admin::maintenance(&place),
        Command::Migrate => {
            println!("Nothing to do: the server brings the data folder to its own version when it starts, and refuses one of a newer version.");
            Ok(())
        }
        Command::Ssl => {
            println!(
                "Ferrite speaks plain HTTP. Put a proxy with TLS in front (Caddy, Traefik, nginx) that sets X-Forwarded-Proto, and set _APP_DOMAIN to its host name."
            );
            Ok(())
        }
        Command::Other(args) => built_in(&args),
    }
}

fn openapi(compatibility: bool) -> Outcome {
    let registry = services::registry()?;
    let specs: Vec<_> = registry.endpoints().iter().map(|e| e.spec).collect();
    if compatibility {
        print!("{}", protocol::compatibility::markdown(&specs));
    } else {
        println!("{:#}", protocol::openapi::document(&specs));
    }
    Ok(())
}

/// Settings from the environment, with the flags over them.
fn config(place: &Place) -> Result<Config, String> {
    let mut config = Config::from_env().map_err(|e: ConfigError| e.to_string())?;
    if let Some(data) = &place.data {
        config.set("FERRITE_DATA", data.display().to_string());
    }
    if let Some(store) = &place.store {
        config.set("FERRITE_STORE", store.clone());
    }
    Ok(config)
}

/// Settings for commands on a folder that is there already.
fn folder_config(place: &Place) -> Result<Config, String> {
    let mut config = config(place)?;
    config.follow_folder();
    Ok(config)
}

fn vars(markdown: bool) -> Outcome {
    if markdown {
        print!("{}", Config::markdown());
        return Ok(());
    }
    let config = Config::from_env().map_err(|e| e.to_string())?;
    for (name, value) in config.shown() {
        println!("{name}={value}");
    }
    Ok(())
}

fn is_worker(name: &str) -> bool {
    ["worker-", "schedule-", "queue-", "stats-", "task-"].iter().any(|p| name.starts_with(p)) || matches!(name, "realtime" | "interval")
}

/// Workers of the original are threads here. A compose file that still starts them gets a process that waits, not one that fails.
fn built_in(args: &[String]) -> Outcome {
    let name = args.first().map_or("", String::as_str);
    if !is_worker(name) {
        return Err(format!("there is no command {name:?}; `ferrite --help` lists them"));
    }
    println!("{name} is built into `ferrite serve`; this process does nothing and may be removed from the compose file.");
    loop {
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["ferrite", "project", "create", "p", "--platform", "a", "--platform", "b", "--json"]).is_ok());
        assert!(Cli::try_parse_from(["ferrite", "project", "create"]).is_err());
        assert!(Cli::try_parse_from(["ferrite", "serve", "--project", "p", "--listen", "127.0.0.1:0"]).is_ok());
    }

    #[test]
    fn other_names_are_commands() {
        let args = |given: &[&str]| arguments(given.iter().map(OsString::from));
        assert_eq!(args(&["/usr/local/bin/doctor", "--data", "x"]), ["/usr/local/bin/doctor", "doctor", "--data", "x"]);
        assert_eq!(args(&["worker-mails"]), ["worker-mails", "worker-mails"]);
        assert_eq!(args(&["target/debug/ferrite", "serve"]), ["target/debug/ferrite", "serve"]);
    }

    #[test]
    fn unknown_commands_fail_and_old_workers_do_not() {
        assert!(built_in(&["nonsense".into()]).is_err());
    }

    #[test]
    fn the_page_of_routes_is_current() {
        let registry = services::registry().unwrap();
        let specs: Vec<_> = registry.endpoints().iter().map(|e| e.spec).collect();
        let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/COMPATIBILITY.md")).unwrap();
        assert_eq!(page, protocol::compatibility::markdown(&specs), "run: cargo run -p server -- openapi --compatibility > docs/COMPATIBILITY.md");
    }
}
