//! argon2 in PHC form: `$argon2id$v=19$m=65536,t=4,p=3$salt$hash`, base64 without padding.
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};

use crate::CryptoError;

/// Costs of argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes; computed one after another here.
    pub lanes: u32,
}

impl Argon2Params {
    /// What accounts and users are created with: 64 MiB, 4 passes, 3 lanes.
    pub const ACCOUNT: Self = Self { memory_kib: 65_536, passes: 4, lanes: 3 };
    /// What other routes (changed and recovered passwords) use: 7 MiB, 5 passes, 1 lane.
    pub const DEFAULT: Self = Self { memory_kib: 7_168, passes: 5, lanes: 1 };

    /// The `hashOptions` of the user model.
    #[must_use]
    pub fn options(self) -> Value {
        json!({"type": "argon2", "memory_cost": self.memory_kib, "time_cost": self.passes, "threads": self.lanes})
    }

    /// Within what this server computes: at most 256 MiB, and 16 times the work of [`Self::ACCOUNT`].
    fn allowed(self) -> bool {
        self.memory_kib <= 256 * 1024 && self.lanes <= 64 && u64::from(self.memory_kib) * u64::from(self.passes) <= 4 << 20
    }
}

const HASH_LEN: usize = 32;
/// Longest salt and hash accepted, in bytes.
const MAX_PART: usize = 128;

/// Working memory, kept from one hash to the next: to give 64 MiB back and take them again each time leaves the allocator with more than is in use.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Blocks for one computation; what is in them does not matter, the first pass writes all.
    fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        if self.0.len() < count {
            // The old ones first, so that both are never there.
            self.release();
            self.0.resize(count, Block::default());
        }
        self.0.get_mut(..count)
    }

    /// Gives back what only an unusually expensive imported hash needed.
    pub(super) fn trim(&mut self) {
        if self.0.len() > Argon2Params::ACCOUNT.memory_kib as usize {
            self.release();
        }
    }

    /// Gives all back.
    pub(super) fn release(&mut self) {
        self.0 = Vec::new();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn hash(memory: &mut Memory, password: &[u8], params: Argon2Params) -> Result<String, CryptoError> {
    if !params.allowed() {
        return Err(CryptoError::Parameters);
    }
    let salt: [u8; 16] = crate::random_bytes();
    let mut out = [0; HASH_LEN];
    compute(memory, (Algorithm::Argon2id, Version::V0x13), params, password, &salt, &mut out).ok_or(CryptoError::Parameters)?;
    let Argon2Params { memory_kib, passes, lanes } = params;
    let (salt, out) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out));
    Ok(format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${out}"))
}

fn compute(memory: &mut Memory, (algorithm, version): (Algorithm, Version), p: Argon2Params, password: &[u8], salt: &[u8], out: &mut [u8]) -> Option<()> {
    let params = Params::new(p.memory_kib, p.passes, p.lanes, Some(out.len())).ok()?;
    let blocks = memory.blocks(params.block_count())?;
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, salt, out, blocks).ok()
}

/// A stored hash taken apart.
struct Parsed {
    algorithm: Algorithm,
    version: Version,
    params: Argon2Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

fn parse(stored: &str) -> Option<Parsed> {
    let mut parts = stored.strip_prefix('$')?.split('$').peekable();
    let algorithm = match parts.next()? {
        "argon2d" => Algorithm::Argon2d,
        "argon2i" => Algorithm::Argon2i,
        "argon2id" => Algorithm::Argon2id,
        _ => return None,
    };
    let version = match parts.next_if(|p| p.starts_with("v=")) {
        // The first version did not write its number.
        None | Some("v=16") => Version::V0x10,
        Some("v=19") => Version::V0x13,
        Some(_) => return None,
    };
    let mut costs = parts.next()?.split(',');
    let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
    let params = Argon2Params { memory_kib: cost("m")?, passes: cost("t")?, lanes: cost("p")? };
    let extra = costs.next();
    let mut bytes = || STANDARD_NO_PAD.decode(parts.next()?).ok().filter(|b| b.len() <= MAX_PART);
    let (salt, hash) = (bytes()?, bytes()?);
    let usable = extra.is_none() && parts.next().is_none() && params.allowed() && hash.len() >= 16;
    usable.then_some(Parsed { algorithm, version, params, salt, hash })
}

pub(super) fn verify(memory: &mut Memory, password: &[u8], stored: &str) -> bool {
    let Some(p) = parse(stored) else { return false };
    let mut out = vec![0; p.hash.len()];
    compute(memory, (p.algorithm, p.version), p.params, password, &p.salt, &mut out).is_some() && crate::constant_time_eq(&out, &p.hash)
}

pub(super) fn is_usable(stored: &str) -> bool {
    parse(stored).is_some()
}

/// Whether the hash is cheaper than those made here.
pub(super) fn is_weak(stored: &str) -> bool {
    let work = |p: Argon2Params| u64::from(p.memory_kib) * u64::from(p.passes);
    parse(stored).is_none_or(|p| p.algorithm != Algorithm::Argon2id || p.version != Version::V0x13 || work(p.params) < work(Argon2Params::DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with argon2-cffi (the reference implementation in C).
    const PASSWORD: &str = "Paßwort-123";
    const VECTORS: [&str; 6] = [
        "$argon2i$v=16$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$X60FbUT+8nCwiy5TYOgnOj4SG+8JQ8Ddo7cc12XBous",
        "$argon2i$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$ZMIjsTVPL4YkmGkLOUfWMxYmM1vGX5SVxBqJ8iV2D80",
        "$argon2d$v=16$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$ArNcMGOb8av16hPjKNTbEjr2u/64nQlm8kalSiYkrHE",
        "$argon2d$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$Dtp9NHGoWzIm6iSedjYEO8ySwSquoc9iUAy9+hwR7D8",
        "$argon2id$v=16$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$uvnhHLw783uJIvnPGBiCOI96fxepbhf564w+SMp8Lqs",
        "$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0$lWupsGogukTiHai4CZNu0siHiN3IahoUElhHpgPJykQ",
    ];

    #[test]
    fn agrees_with_the_original() {
        // What one leaves in the memory changes nothing for the next.
        let mut memory = Memory::default();
        for v in VECTORS {
            assert!(verify(&mut memory, PASSWORD.as_bytes(), v), "{v}");
            assert!(!verify(&mut memory, b"other", v));
            assert!(is_usable(v) && is_weak(v));
        }
        assert!(verify(&mut memory, PASSWORD.as_bytes(), &VECTORS[0].replace("$v=16", "")));
    }

    #[test]
    fn own_hashes() {
        let p = Argon2Params { memory_kib: 64, passes: 2, lanes: 1 };
        let mut memory = Memory::default();
        let h = hash(&mut memory, b"secret", p).unwrap();
        assert!(h.starts_with("$argon2id$v=19$m=64,t=2,p=1$"));
        assert!(verify(&mut memory, b"secret", &h) && !verify(&mut memory, b"Secret", &h));
        assert_ne!(h, hash(&mut memory, b"secret", p).unwrap());
        assert!(hash(&mut memory, b"x", Argon2Params { memory_kib: u32::MAX, ..p }).is_err());
        assert_eq!(Argon2Params::ACCOUNT.options().to_string(), r#"{"type":"argon2","memory_cost":65536,"time_cost":4,"threads":3}"#);
    }

    #[test]
    fn memory_grows_to_what_is_needed_and_is_given_back() {
        let mut memory = Memory::default();
        let small = Argon2Params { memory_kib: 64, passes: 1, lanes: 1 };
        let large = Argon2Params { memory_kib: 80 * 1024, ..small };
        let hashes = [small, large, small].map(|p| hash(&mut memory, b"pw", p).unwrap());
        assert!(hashes.iter().all(|h| verify(&mut memory, b"pw", h)));
        assert_eq!(memory.0.len(), 80 * 1024);
        memory.trim();
        assert!(memory.is_empty());
        verify(&mut memory, b"pw", &hashes[0]);
        memory.trim();
        assert_eq!(memory.0.len(), 64);
    }
}
