//! A running server: started, reached at an address, stopped in order.
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App as Web, HttpServer, web};
use kernel::App;
use realtime::Hub;

use crate::adapter::{self, State};
use crate::admin;
use crate::config::{Config, ConfigError};
use crate::housekeeping::Housekeeper;
use crate::jobs::Worker;
use crate::metrics::Metrics;
use crate::parts::{OpenError, open_with};
use crate::pool::Pool;

/// Connections at the same time, per worker.
const MAX_CONNECTIONS: usize = 10_000;
/// Jobs that may wait for each thread before the server says that it is busy.
const WAITING_PER_THREAD: usize = 8;

/// How long the server waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request.
    pub head: Duration,
    /// Between two pieces of a body.
    pub piece: Duration,
    /// For a body that is not a form with files.
    pub body: Duration,
    /// For a client that reads nothing of what is sent to it.
    pub reader: Duration,
    /// For the next request of a connection.
    pub keep_alive: Duration,
    /// For requests under way when the server stops.
    pub drain: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self { head: s(15), piece: s(30), body: s(120), reader: s(60), keep_alive: s(75), drain: s(25) }
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address.
    #[error("cannot listen on {address}: {error}{hint}")]
    Listen {
        /// As configured.
        address: String,
        /// Why.
        error: std::io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// Threads, sockets.
    #[error("the server cannot start: {0}")]
    Start(#[from] std::io::Error),
}

/// A running server. Dropping it without [`stop`](Self::stop) leaves its threads running.
pub struct Server {
    addr: SocketAddr,
    drain: Duration,
    state: web::Data<State>,
    http: ServerHandle,
    http_thread: JoinHandle<std::io::Result<()>>,
    housekeeper: Housekeeper,
    jobs: Worker,
    admin: Option<admin::Listener>,
    // Last: what hangs on it goes first.
    runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Opens the data folder and listens. Returns once requests are answered.
    pub fn start(config: &Config) -> Result<Self, ServeError> {
        Self::start_with(config, crate::parts::registry(config)?, Patience::default())
    }

    /// As [`start`](Self::start), with other endpoints and patience.
    pub fn start_with(config: &Config, registry: kernel::Registry, patience: Patience) -> Result<Self, ServeError> {
        let listener = listen(config.get("FERRITE_LISTEN"))?;
        let addr = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("files").enable_all().build()?;
        let parts = open_with(config, runtime.handle().clone(), registry)?;
        let (threads, _) = config.threads()?;
        let hub = Hub::new(&parts.app);
        let state = web::Data::new(State {
            app: parts.app.clone(),
            store: parts.store,
            store_folder: config.data().join("store"),
            hub: hub.clone(),
            pool: Pool::new(threads, threads * WAITING_PER_THREAD),
            metrics: Metrics::default(),
            metrics_on: config.metrics(),
            spool: spool(config)?,
            room: Arc::new(tokio::sync::Semaphore::new(adapter::ROOM)),
            patience,
        });
        let admin = admin::Listener::start(&config.data(), parts.app.clone())
            .inspect_err(|e| tracing::warn!(error = %e, "no admin socket: `ferrite project` and the like work only while the server is stopped"))
            .ok();
        let (http, http_thread) = start_http(listener, state.clone(), patience)?;
        let jobs = Worker::start(parts.app.clone())?;
        let housekeeper = Housekeeper::start(parts.app, hub)?;
        Ok(Self { addr, drain: patience.drain, state, http, http_thread, housekeeper, jobs, admin, runtime })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.state.app
    }

    /// The store below it.
    #[must_use]
    pub fn store(&self) -> &kv::Store {
        &self.state.store
    }

    /// From now on SIGTERM and SIGINT do not end the process; [`Signals::wait`] tells of them.
    pub fn signals(&self) -> std::io::Result<Signals<'_>> {
        use tokio::signal::unix::{SignalKind, signal};
        let _runtime = self.runtime.enter();
        Ok(Signals { server: self, term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Stops in order: no new connections, sockets closed, requests under way answered, jobs under way done, the audit log written, the store closed.
    pub fn stop(self) {
        if let Some(admin) = self.admin {
            admin.stop();
        }
        self.state.hub.close_all();
        self.runtime.block_on(self.http.stop(true));
        if self.http_thread.join().is_err() {
            tracing::error!("the thread of the HTTP server panicked");
        }
        if !self.state.pool.close(self.drain) {
            tracing::warn!("some requests were still under way and are cut off");
        }
        self.jobs.stop(self.drain);
        self.housekeeper.stop();
        self.state.store.close();
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

/// Signals that end the server in order.
pub struct Signals<'s> {
    server: &'s Server,
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
}

impl Signals<'_> {
    /// Waits for one; its name.
    pub fn wait(mut self) -> &'static str {
        self.server.runtime.block_on(async {
            tokio::select! {
                _ = self.term.recv() => "SIGTERM",
                _ = self.int.recv() => "SIGINT",
            }
        })
    }
}

fn listen(address: &str) -> Result<TcpListener, ServeError> {
    let fail = |error: std::io::Error| {
        let hint = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "; ports below 1024 need privileges, choose another one, e.g. --listen 127.0.0.1:8080",
            std::io::ErrorKind::AddrInUse => "; another program (or another Ferrite) has it, stop it or choose another port with --listen",
            std::io::ErrorKind::InvalidInput => "; write host and port, e.g. --listen 127.0.0.1:8080",
            _ => "",
        };
        ServeError::Listen { address: address.to_owned(), error, hint }
    };
    let addrs: Vec<SocketAddr> = address.to_socket_addrs().map_err(fail)?.collect();
    TcpListener::bind(addrs.as_slice()).map_err(fail)
}

/// An empty folder for large parts of forms; leftovers of a crash are removed.
fn spool(config: &Config) -> std::io::Result<PathBuf> {
    let spool = config.data().join("spool");
    if spool.exists() {
        std::fs::remove_dir_all(&spool)?;
    }
    std::fs::create_dir_all(&spool)?;
    Ok(spool)
}

/// A client that takes nothing of an answer would keep a download and its connection for ever: the system ends a connection whose bytes
/// are not taken for so long.
fn give_up_on_idle_readers(connection: &dyn std::any::Any, patience: Duration) {
    let Some(socket) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    let millis = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    if let Err(e) = rustix::net::sockopt::set_tcp_user_timeout(socket, millis) {
        tracing::debug!(error = %e, "clients that stop reading are not given up");
    }
}

fn start_http(listener: TcpListener, state: web::Data<State>, patience: Patience) -> std::io::Result<(ServerHandle, JoinHandle<std::io::Result<()>>)> {
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get().div_ceil(2).clamp(1, 4));
    let (send, receive) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name("http".into()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || Web::new().app_data(state.clone()).default_service(web::to(adapter::handle)))
                .workers(workers)
                .worker_max_blocking_threads(16)
                .max_connections(MAX_CONNECTIONS)
                .keep_alive(patience.keep_alive)
                .client_request_timeout(patience.head)
                .client_disconnect_timeout(Duration::from_secs(5))
                .shutdown_timeout(patience.drain.as_secs())
                .on_connect(move |connection, _| give_up_on_idle_readers(connection, patience.reader))
                .tcp_nodelay(true)
                .disable_signals()
                .listen(listener);
            match server {
                Ok(server) => {
                    let server = server.run();
                    let _ = send.send(Ok(server.handle()));
                    server.await
                }
                Err(e) => {
                    let _ = send.send(Err(e));
                    Ok(())
                }
            }
        })
    })?;
    let handle = receive.recv().map_err(std::io::Error::other)??;
    Ok((handle, thread))
}
