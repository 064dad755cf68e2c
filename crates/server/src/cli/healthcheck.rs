//! `ferrite healthcheck`: for containers, without curl.
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::Outcome;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(listen: Option<&str>) -> Outcome {
    let config = Config::from_env().map_err(|e| e.to_string())?;
    let address = listen.unwrap_or_else(|| config.get("FERRITE_LISTEN"));
    let status = ask(address)?;
    if status.contains(" 200 ") { Ok(()) } else { Err(format!("the server at {address} answered: {status}")) }
}

/// Status line of the version endpoint.
fn ask(address: &str) -> Result<String, String> {
    let fail = |e: std::io::Error| format!("no server at {address}: {e}");
    let mut addr: SocketAddr = address.to_socket_addrs().map_err(fail)?.next().ok_or_else(|| format!("{address} is no address"))?;
    if addr.ip().is_unspecified() {
        addr.set_ip(if addr.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) });
    }
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE).map_err(fail)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(fail)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(fail)?;
    // As a proxy with TLS would ask, so that _APP_OPTIONS_FORCE_HTTPS does not make the server look ill.
    stream.write_all(b"GET /v1/health/version HTTP/1.1\r\nhost: localhost\r\nx-forwarded-proto: https\r\nconnection: close\r\n\r\n").map_err(fail)?;
    let mut head = Vec::new();
    stream.take(4_096).read_to_end(&mut head).map_err(fail)?;
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or("nothing").to_owned())
}
