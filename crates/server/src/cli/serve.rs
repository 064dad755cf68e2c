//! `ferrite serve`.
use clap::Args;
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

use super::{Outcome, Place, config};
use crate::admin::Command;
use crate::config::Config;
use crate::serve::Server;

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    place: Place,
    /// Address and port [setting: FERRITE_LISTEN].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Make sure that this project exists and print it with an API key of all scopes, the same at every start.
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Host name of a page that may call the project made by --project (default: localhost).
    #[arg(long, value_name = "HOST", requires = "project")]
    platform: Vec<String>,
    /// Try things out: `_APP_ENV=development`, with a secret of its own kept in the data folder.
    #[arg(long)]
    dev: bool,
    /// Print one JSON line instead of the banner.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Outcome {
    crate::memory::keep_small();
    let mut config = config(&options.place)?;
    if let Some(listen) = &options.listen {
        config.set("FERRITE_LISTEN", listen.clone());
    }
    if options.dev {
        config.set("_APP_ENV", "development".to_owned());
    }
    start_log(&config)?;
    for name in &config.unserved {
        tracing::warn!("{name} is set, but this release does not serve what it is for");
    }
    let server = Server::start(&config).map_err(|e| e.to_string())?;
    let signals = server.signals().map_err(|e| format!("signals cannot be received: {e}"))?;
    let ready = options.project.as_ref().map(|id| Command::Ready { project: id.clone(), platforms: options.platform.clone() }.run(server.app())).transpose();
    let ready = match ready {
        Ok(r) => r,
        Err(e) => {
            drop(signals);
            server.stop();
            return Err(e);
        }
    };
    announce(&config, &server, ready.as_ref(), options.json);
    let signal = signals.wait();
    tracing::info!(signal, "stopping");
    server.stop();
    tracing::info!("stopped");
    Ok(())
}

fn start_log(config: &Config) -> Outcome {
    // What the HTTP library tells about its workers interests nobody who does not ask.
    let filter = EnvFilter::try_new(format!("actix_server=warn,{}", config.get("FERRITE_LOG")))
        .map_err(|e| format!("FERRITE_LOG is not a log filter: {e}; e.g. info,database=debug"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.get("FERRITE_LOG_FORMAT") {
        "json" => log.json().try_init(),
        "text" => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        other => return Err(format!("FERRITE_LOG_FORMAT is {other:?}, but must be text or json")),
    };
    started.map_err(|e| e.to_string())
}

/// Where clients on this machine reach the server.
fn endpoint(server: &Server) -> String {
    let addr = server.addr();
    let port = if addr.port() == 80 { String::new() } else { format!(":{}", addr.port()) };
    // `localhost` is what pages and SDK examples name; a fixed address is told as it is.
    let host = if addr.ip().is_unspecified() || addr.ip().is_loopback() { "localhost".to_owned() } else { addr.ip().to_string() };
    format!("http://{host}{port}/v1")
}

fn announce(config: &Config, server: &Server, ready: Option<&Value>, as_json: bool) {
    let text = |key: &str| ready.and_then(|r| r.get(key)).and_then(Value::as_str).unwrap_or("");
    let (endpoint, data) = (endpoint(server), config.data().display().to_string());
    if as_json {
        println!(
            "{}",
            json!({"endpoint": endpoint, "projectId": text("projectId"), "apiKey": text("apiKey"), "data": data, "listen": server.addr().to_string()})
        );
        return;
    }
    println!("Ferrite {} (API of Appwrite {})", env!("CARGO_PKG_VERSION"), protocol::VERSION);
    println!("  listening  {}", server.addr());
    println!("  data       {data} ({})", server.store().kind());
    println!("  mode       {}", if config.production() { "production" } else { "development" });
    println!("  endpoint   {endpoint}");
    if ready.is_some() {
        println!("  project    {}\n  api key    {}", text("projectId"), text("apiKey"));
    }
}
