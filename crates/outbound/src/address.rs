//! Which addresses may be called.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not the public internet: special-purpose registry of IANA, multicast and reserved space.
const V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];
/// Blocks inside of 2000::/3 that are not the public internet, tunnels to any IPv4 address among them.
const V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address belongs to the public internet.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !V4.iter().any(|(net, bits)| within(ip.to_bits().into(), net.to_bits().into(), *bits, 32)),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            // Only 2000::/3 is given out.
            None => ip.to_bits() >> 125 == 1 && !V6.iter().any(|(net, bits)| within(ip.to_bits(), net.to_bits(), *bits, 128)),
        },
    }
}

/// Whether a host may be one of the public internet by its name: no address, and under a top-level domain that is not set aside for other purposes.
/// What it resolves to is judged when it is called.
#[must_use]
pub fn is_public_name(host: &str) -> bool {
    const SET_ASIDE: [&str; 11] = ["alt", "arpa", "corp", "example", "home", "internal", "invalid", "lan", "local", "localhost", "onion"];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let Some((rest, top)) = host.rsplit_once('.') else { return false };
    !rest.is_empty() && top.len() > 1 && top.bytes().any(|b| b.is_ascii_alphabetic()) && !SET_ASIDE.contains(&top) && top != "test"
}

fn within(ip: u128, net: u128, bits: u8, width: u8) -> bool {
    let shift = u32::from(width.saturating_sub(bits));
    ip.checked_shr(shift).unwrap_or(0) == net.checked_shr(shift).unwrap_or(0)
}

/// What may be called although it is not public: networks and host names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    networks: Vec<(IpAddr, u8)>,
    hosts: Vec<String>,
}

impl Exceptions {
    /// Nothing but the public internet.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// From a list separated by commas: `10.0.0.0/8, 127.0.0.1, ::1, keycloak.internal`.
    ///
    /// # Errors
    /// The entry that is neither a network nor a host name.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut out = Self::default();
        for entry in list.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let (ip, bits) = entry.split_once('/').map_or((entry, None), |(ip, bits)| (ip, Some(bits)));
            match (ip.parse::<IpAddr>(), bits) {
                (Ok(ip), bits) => {
                    let width = if ip.is_ipv4() { 32 } else { 128 };
                    let bits = bits.map_or(Some(width), |b| b.parse().ok().filter(|b| *b <= width)).ok_or_else(|| entry.to_owned())?;
                    out.networks.push((ip, bits));
                }
                (Err(_), None) if entry.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) => out.hosts.push(entry.to_ascii_lowercase()),
                _ => return Err(entry.to_owned()),
            }
        }
        Ok(out)
    }

    /// Whether an address may be called.
    #[must_use]
    pub fn reach(&self, ip: IpAddr) -> bool {
        let ip = match ip {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        is_public(ip)
            || self.networks.iter().any(|(net, bits)| match (ip, net) {
                (IpAddr::V4(ip), IpAddr::V4(net)) => within(ip.to_bits().into(), net.to_bits().into(), *bits, 32),
                (IpAddr::V6(ip), IpAddr::V6(net)) => within(ip.to_bits(), net.to_bits(), *bits, 128),
                _ => false,
            })
    }

    /// Whether a host is named: its addresses may be any.
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host.trim_end_matches('.')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_public() {
        for good in ["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"] {
            assert!(is_public(ip(good)), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(ip(bad)), "{bad}");
        }
    }

    #[test]
    fn names() {
        for good in ["example.com", "a.b.co.uk", "APPWRITE.io.", "xn--nxasmq6b.xn--j6w193g"] {
            assert!(is_public_name(good), "{good}");
        }
        for bad in ["", "localhost", "host", "a.local", "db.internal", "127.0.0.1", "1.2.3.4", "[::1]", "x.localhost", ".com", "a.test"] {
            assert!(!is_public_name(bad), "{bad}");
        }
    }

    #[test]
    fn exceptions() {
        let some = Exceptions::parse("10.0.0.0/8, 127.0.0.1,::1 , KeyCloak.internal").unwrap();
        for good in ["10.9.9.9", "127.0.0.1", "::1", "::ffff:127.0.0.1", "8.8.8.8"] {
            assert!(some.reach(ip(good)), "{good}");
        }
        for bad in ["127.0.0.2", "11.0.0.0/8", "192.168.0.1", "::2"].iter().filter_map(|b| b.parse().ok()) {
            assert!(!some.reach(bad) || is_public(bad), "{bad}");
        }
        assert!(some.names("keycloak.INTERNAL") && some.names("keycloak.internal.") && !some.names("internal"));
        assert_eq!(Exceptions::parse("10.0.0.0/33"), Err("10.0.0.0/33".to_owned()));
        assert_eq!(Exceptions::parse("http://x"), Err("http://x".to_owned()));
        assert_eq!(Exceptions::parse(""), Ok(Exceptions::none()));
    }
}
