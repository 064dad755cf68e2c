//! bcrypt, scrypt and Firebase's variant of scrypt, for imports.
use aes::Aes256;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use serde_json::Value;
use zeroize::Zeroizing;

/// Highest bcrypt cost computed; each step doubles the time, 16 takes some seconds.
const MAX_BCRYPT: u32 = 16;
/// Most memory of one scrypt computation, in bytes.
const MAX_SCRYPT_BYTES: u64 = 256 << 20;
/// Most work of one scrypt computation, N·r·p; the usual parameters make 2^17.
const MAX_SCRYPT_WORK: u64 = 1 << 22;
/// Longest scrypt output, in bytes.
const MAX_SCRYPT_LEN: u64 = 1024;

/// The cost of a bcrypt hash of a form and cost accepted here.
pub(super) fn bcrypt_cost(stored: &str) -> Option<u32> {
    // `$2x$` marks hashes of a broken implementation, which this one does not repeat.
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|p| stored.strip_prefix(p))?;
    let cost = rest.get(..2)?.parse().ok()?;
    (stored.len() == 60 && (4..=MAX_BCRYPT).contains(&cost)).then_some(cost)
}

pub(super) fn verify_bcrypt(password: &[u8], stored: &str) -> bool {
    bcrypt_cost(stored).is_some() && bcrypt::verify(password, stored).unwrap_or(false)
}

/// Parameters, salt and output length from the options, within the limits.
pub(super) fn scrypt_params(options: &Value) -> Option<(scrypt::Params, &str, usize)> {
    let number = |name: &str| options.get(name).and_then(Value::as_u64);
    let (n, r, p) = (number("costCpu")?, number("costMemory")?, number("costParallel")?);
    let len = number("length")?;
    let salt = options.get("salt")?.as_str()?;
    let work = n.checked_mul(r)?.checked_mul(p)?;
    let bounded = n.is_power_of_two() && n > 1 && work > 0 && work <= MAX_SCRYPT_WORK && n.checked_mul(r)?.checked_mul(128)? <= MAX_SCRYPT_BYTES;
    if !bounded || !(1..=MAX_SCRYPT_LEN).contains(&len) {
        return None;
    }
    let log_n = u8::try_from(n.trailing_zeros()).ok()?;
    let params = scrypt::Params::new(log_n, u32::try_from(r).ok()?, u32::try_from(p).ok()?).ok()?;
    Some((params, salt, usize::try_from(len).ok()?))
}

pub(super) fn verify_scrypt(password: &[u8], stored: &str, options: &Value) -> bool {
    let Some((params, salt, len)) = scrypt_params(options) else {
        return false;
    };
    let mut out = vec![0; len];
    scrypt::scrypt(password, salt.as_bytes(), &params, &mut out).is_ok() && crate::constant_time_eq(hex::encode(out).as_bytes(), stored.as_bytes())
}

/// Firebase's parameters: salt with separator, and signer key, from base64 with or without padding.
pub(super) fn scrypt_mod_options(options: &Value) -> Option<(Vec<u8>, Zeroizing<Vec<u8>>)> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    let bytes = |name: &str| engine.decode(options.get(name)?.as_str()?).ok();
    let mut salt = bytes("salt")?;
    salt.extend(bytes("saltSeparator")?);
    Some((salt, Zeroizing::new(bytes("signerKey")?)))
}

/// The signer key, encrypted by AES-256-CTR (IV zero) under the first half of scrypt(password; N 2^14, r 8, p 1).
pub(super) fn verify_scrypt_mod(password: &[u8], stored: &str, options: &Value) -> bool {
    let Some((salt, mut signer)) = scrypt_mod_options(options) else {
        return false;
    };
    let Ok(params) = scrypt::Params::new(14, 8, 1) else {
        return false;
    };
    let mut derived = Zeroizing::new([0; 64]);
    if scrypt::scrypt(password, &salt, &params, derived.as_mut_slice()).is_err() {
        return false;
    }
    let (key, _) = derived.split_at(32);
    let Ok(mut cipher) = Ctr128BE::<Aes256>::new_from_slices(key, &[0; 16]) else {
        return false;
    };
    cipher.apply_keystream(&mut signer);
    crate::constant_time_eq(STANDARD.encode(&*signer).as_bytes(), stored.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bcrypt_agrees_with_the_original() {
        // Made with the Python package bcrypt.
        let password = "Paßwort-123".as_bytes();
        let a = "$2a$04$CWt79LyadFvRm8HNzN.j6.V7igf8/79.JdQO0O2cUBHsgM6FCxDb.";
        let b = "$2b$04$wUcqRPL5u/m9l8tr2/uI7OP2RWAwJsEmh6r2hHdVle/D1c0LBUYAC";
        for hash in [a, b, &b.replace("$2b$", "$2y$")] {
            assert!(verify_bcrypt(password, hash), "{hash}");
            assert!(!verify_bcrypt(b"other", hash));
        }
        assert!(!verify_bcrypt(password, &a.replace("$2a$", "$2x$")));
        assert!(bcrypt_cost("$2a$15$xX/myGbFU.ZSKHSi6EHdBOySTdYm8QxBLXmOPHrYMwV0mHRBBSBOq") == Some(15));
    }

    #[test]
    fn scrypt_agrees_with_the_original() {
        // Made with Python's `hashlib.scrypt` (OpenSSL).
        let password = "Paßwort-123".as_bytes();
        let hash = "ec2f3c00a31ba68a73dc7aca8b847e8d10090433893812a396a86afd9d12d8a3a49cc73fa047ee8a90cbda0741bb1ad161c2da7fbe292ff6736e99b9b8faf0c5";
        let o = json!({"type": "scrypt", "costCpu": 1024, "costMemory": 8, "costParallel": 2, "length": 64, "salt": "appwrite"});
        assert!(verify_scrypt(password, hash, &o));
        assert!(!verify_scrypt(b"other", hash, &o));
        let o = json!({"costCpu": 16, "costMemory": 1, "costParallel": 1, "length": 32, "salt": "NaCl"});
        assert!(verify_scrypt(password, "53403bc64c29edbce1413f9174fd962c786ab5d429fb02643cbda3c3a7bce130", &o));
        for (name, bad) in [("costCpu", json!(15)), ("costCpu", json!(1)), ("costMemory", json!(0)), ("length", json!(0)), ("salt", json!(1))] {
            let mut o = o.clone();
            o[name] = bad;
            assert!(scrypt_params(&o).is_none(), "{name}");
        }
    }

    #[test]
    fn firebase_vector() {
        // From the test of Firebase's own scrypt tool; the same data serves as an example in the API's documentation.
        let o = json!({
            "salt": "42xEC+ixf3L2lw==", "saltSeparator": "Bw==",
            "signerKey": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
        });
        let hash = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
        assert!(verify_scrypt_mod(b"user1password", hash, &o));
        assert!(!verify_scrypt_mod(b"user2password", hash, &o));
        assert!(!verify_scrypt_mod(b"user1password", hash, &json!({})));
    }
}
