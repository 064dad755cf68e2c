//! What time it is elsewhere: one question by SNTP.
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::FetchError;

/// Longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Length of a packet.
const PACKET: usize = 48;
/// Where the time it was sent stands in an answer.
const SENT_AT: usize = 40;
/// Seconds from 1900 to 1970.
const FROM_1900: i64 = 2_208_988_800;

/// Asks a server, `host` or `host:port`, for the time: seconds of Unix time.
///
/// # Errors
/// Why there is no answer.
pub async fn time_of(server: &str) -> Result<i64, FetchError> {
    tokio::time::timeout(PATIENCE, ask(server)).await.unwrap_or(Err(FetchError::Timeout))
}

async fn ask(server: &str) -> Result<i64, FetchError> {
    let failed = |e: std::io::Error| FetchError::Connection(e.to_string());
    let address = if server.contains(':') { server.to_owned() } else { format!("{server}:123") };
    let peer = tokio::net::lookup_host(address).await.map_err(failed)?.next().ok_or_else(|| FetchError::Connection("the name has no address".into()))?;
    let socket = UdpSocket::bind(if peer.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).await.map_err(failed)?;
    socket.connect(peer).await.map_err(failed)?;
    // A client's question in version 4 of the protocol.
    let mut packet = [0_u8; PACKET];
    packet[0] = 0x23;
    socket.send(&packet).await.map_err(failed)?;
    let length = socket.recv(&mut packet).await.map_err(failed)?;
    let sent_at = packet.get(SENT_AT..SENT_AT + 4).filter(|_| length == PACKET).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let seconds = sent_at.filter(|s| *s > 0).ok_or_else(|| FetchError::Connection(format!("an answer of {length} bytes tells no time")))?;
    // The count begins anew in 2036; a time before 1970 is one of the next era.
    let seconds = i64::from(seconds);
    Ok(if seconds < FROM_1900 { seconds + (1 << 32) - FROM_1900 } else { seconds - FROM_1900 })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn server(answer: Vec<u8>) -> String {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut packet = [0_u8; 64];
            let (length, from) = socket.recv_from(&mut packet).await.unwrap();
            assert_eq!((length, packet[0]), (PACKET, 0x23));
            socket.send_to(&answer, from).await.unwrap();
        });
        address
    }

    fn packet(seconds: u32) -> Vec<u8> {
        let mut packet = vec![0_u8; PACKET];
        packet[SENT_AT..SENT_AT + 4].copy_from_slice(&seconds.to_be_bytes());
        packet
    }

    #[tokio::test]
    async fn the_time_is_read() {
        assert_eq!(time_of(&server(packet(3_988_988_800)).await).await.unwrap(), 1_780_000_000);
        // After the seventh of February 2036.
        assert_eq!(time_of(&server(packet(1)).await).await.unwrap(), 2_085_978_497);
        for bad in [packet(0), vec![1; 12], Vec::new()] {
            assert!(time_of(&server(bad).await).await.is_err());
        }
        assert!(time_of("no.such.host.invalid").await.is_err());
    }
}
