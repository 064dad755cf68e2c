//! Password hashes: our own and those imported from other systems.
//!
//! A stored password is its hash, the name of the algorithm ([`Algo`]) and a JSON object of options, which some formats
//! need for checking and all show in the user model. New hashes are argon2id; an imported one is replaced at the next
//! successful login ([`needs_rehash`]).
//!
//! Imported hashes choose their own cost, so every cost has an upper bound here ([`check_import`]); beyond it
//! verification fails at once.
mod argon;
mod digests;
mod hasher;
mod imported;
mod kdf;
mod phpass;

pub use argon::Argon2Params;
pub use hasher::Hasher;
pub use imported::Imported;

use serde_json::Value;

use crate::CryptoError;
use argon::Memory;

/// The algorithm of a stored hash; names as in the user model's `hash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algo {
    /// argon2i, argon2d or argon2id in PHC form.
    Argon2,
    /// bcrypt `$2a$`, `$2b$`, `$2y$`.
    Bcrypt,
    /// Hexadecimal MD5.
    Md5,
    /// A hexadecimal SHA digest; option `version` names which.
    Sha,
    /// Portable PHP hashes, `$P$` and `$H$`.
    Phpass,
    /// Hexadecimal scrypt with its parameters in the options.
    Scrypt,
    /// The Firebase variant of scrypt, base64.
    ScryptMod,
}

impl Algo {
    /// All algorithms.
    pub const ALL: [Self; 7] = [Self::Argon2, Self::Bcrypt, Self::Md5, Self::Sha, Self::Phpass, Self::Scrypt, Self::ScryptMod];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argon2 => "argon2",
            Self::Bcrypt => "bcrypt",
            Self::Md5 => "md5",
            Self::Sha => "sha",
            Self::Phpass => "phpass",
            Self::Scrypt => "scrypt",
            Self::ScryptMod => "scryptMod",
        }
    }

    /// The algorithm of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == name)
    }
}

impl std::fmt::Display for Algo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Hashes a new password with argon2id. Takes tens to hundreds of milliseconds: see [`Hasher`] for a bounded one.
///
/// # Errors
/// [`CryptoError::Parameters`] for unusable parameters.
pub fn hash(password: &str, params: Argon2Params) -> Result<String, CryptoError> {
    hash_in(&mut Memory::default(), password, params)
}

fn hash_in(memory: &mut Memory, password: &str, params: Argon2Params) -> Result<String, CryptoError> {
    argon::hash(memory, password.as_bytes(), params)
}

/// Whether `password` is the one behind `stored`. Malformed hashes, missing options and costs beyond the limits are
/// simply no match.
#[must_use]
pub fn verify(password: &str, stored: &str, algo: Algo, options: &Value) -> bool {
    verify_in(&mut Memory::default(), password, stored, algo, options)
}

fn verify_in(memory: &mut Memory, password: &str, stored: &str, algo: Algo, options: &Value) -> bool {
    let password = password.as_bytes();
    match algo {
        Algo::Argon2 => argon::verify(memory, password, stored),
        Algo::Bcrypt => kdf::verify_bcrypt(password, stored),
        Algo::Md5 => digests::verify_md5(password, stored),
        Algo::Sha => digests::verify_sha(password, stored, options),
        Algo::Phpass => phpass::verify(password, stored),
        Algo::Scrypt => kdf::verify_scrypt(password, stored, options),
        Algo::ScryptMod => kdf::verify_scrypt_mod(password, stored, options),
    }
}

/// Whether a hash should be made anew at the next login: anything but an argon2id hash of at least the cost of
/// [`Argon2Params::DEFAULT`].
#[must_use]
pub fn needs_rehash(stored: &str, algo: Algo) -> bool {
    algo != Algo::Argon2 || argon::is_weak(stored)
}

/// Whether a hash could be verified here at all; for refusing imports whose cost could take the server down.
///
/// # Errors
/// [`CryptoError::Parameters`] when the form is wrong or the cost beyond the limits.
pub fn check_import(stored: &str, algo: Algo, options: &Value) -> Result<(), CryptoError> {
    let usable = match algo {
        Algo::Argon2 => argon::is_usable(stored),
        Algo::Bcrypt => kdf::bcrypt_cost(stored).is_some(),
        Algo::Md5 => digests::is_hex(stored, 16),
        Algo::Sha => digests::is_sha(stored, options),
        Algo::Phpass => phpass::is_usable(stored),
        Algo::Scrypt => kdf::scrypt_params(options).is_some(),
        Algo::ScryptMod => kdf::scrypt_mod_options(options).is_some(),
    };
    if usable { Ok(()) } else { Err(CryptoError::Parameters) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn names() {
        for a in Algo::ALL {
            assert_eq!(Algo::parse(a.as_str()), Some(a));
        }
        assert_eq!(Algo::parse("plaintext"), None);
    }

    #[test]
    fn every_imported_format_as_clients_send_it() {
        use Imported as I;
        let scrypt = I::Scrypt { salt: "appwrite", cpu: 16_384, memory: 13, parallel: 2, length: 64 };
        let firebase = I::ScryptMod {
            salt: "UxLMreBr6tYyjQ==",
            separator: "Bw==",
            signer_key: "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ==",
        };
        // One password in all forms, with the parameters of the requests that existing programs send.
        let hashes = [
            (I::Argon2, "$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI"),
            (I::Bcrypt, "$2a$15$xX/myGbFU.ZSKHSi6EHdBOySTdYm8QxBLXmOPHrYMwV0mHRBBSBOq"),
            (I::Md5, "144fa7eaa4904e8ee120651997f70dcc"),
            (
                I::Sha { version: "sha512" },
                "4243da0a694e8a2f727c8060fe0507c8fa01ca68146c76d2c190805b638c20c6bf6ba04e21f11ae138785d0bff63c416e6f87badbffad37f6dee50094cc38c70",
            ),
            (I::Phpass, "$P$Br387rwferoKN7uwHZqNMu98q3U8RO."),
            (scrypt, "3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b"),
            (firebase, "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ=="),
        ];
        assert!(Algo::ALL.iter().all(|a| hashes.iter().any(|(how, _)| how.algo() == *a)));
        for (how, stored) in hashes {
            let options = Value::Object(how.options());
            assert!(check_import(stored, how.algo(), &options).is_ok(), "{how:?}");
            assert!(verify("appwrite", stored, how.algo(), &options), "{how:?}");
            assert!(!verify("Appwrite", stored, how.algo(), &options), "{how:?}");
            assert!(needs_rehash(stored, how.algo()));
            // Nothing else passes for it; phpass takes the bcrypt hashes it makes itself.
            for other in Algo::ALL.into_iter().filter(|o| *o != how.algo() && (how, *o) != (I::Bcrypt, Algo::Phpass)) {
                assert!(!verify("appwrite", stored, other, &options), "{how:?} as {other}");
            }
        }
    }

    #[test]
    fn only_good_argon2id_stays() {
        let weak = Argon2Params { memory_kib: 64, passes: 1, lanes: 1 };
        let hash = hash("x", weak).unwrap();
        assert!(verify("x", &hash, Algo::Argon2, &Value::Null));
        assert!(needs_rehash(&hash, Algo::Argon2));
        assert!(!needs_rehash("$argon2id$v=19$m=65536,t=4,p=3$c2FsdHNhbHRzYWx0$lWupsGogukTiHai4CZNu0siHiN3IahoUElhHpgPJykQ", Algo::Argon2));
        assert!(!needs_rehash("$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHRzYWx0$lWupsGogukTiHai4CZNu0siHiN3IahoUElhHpgPJykQ", Algo::Argon2));
        assert!(needs_rehash("144fa7eaa4904e8ee120651997f70dcc", Algo::Md5));
    }

    #[test]
    fn hostile_costs_are_refused_at_once() {
        let s = "c2FsdHNhbHRzYWx0$lWupsGogukTiHai4CZNu0siHiN3IahoUElhHpgPJykQ";
        let none = Value::Null;
        let huge = json!({"salt": "a", "costCpu": 1u64 << 40, "costMemory": 8, "costParallel": 1, "length": 64});
        let wide = json!({"salt": "a", "costCpu": 16384, "costMemory": u32::MAX, "costParallel": u32::MAX, "length": 64});
        for (stored, algo, options) in [
            (format!("$argon2id$v=19$m=4294967295,t=1,p=1${s}"), Algo::Argon2, &none),
            (format!("$argon2id$v=19$m=65536,t=4294967295,p=1${s}"), Algo::Argon2, &none),
            (format!("$argon2id$v=19$m=65536,t=1,p=16777215${s}"), Algo::Argon2, &none),
            ("$2a$31$CWt79LyadFvRm8HNzN.j6.V7igf8/79.JdQO0O2cUBHsgM6FCxDb.".to_owned(), Algo::Bcrypt, &none),
            ("$P$Sabcdefghm4Sw.BnkMvw8MGgid.xZJ.".to_owned(), Algo::Phpass, &none),
            ("00".to_owned(), Algo::Scrypt, &huge),
            ("00".to_owned(), Algo::Scrypt, &wide),
        ] {
            let start = std::time::Instant::now();
            assert!(!verify("x", &stored, algo, options));
            assert!(check_import(&stored, algo, options).is_err());
            assert!(start.elapsed().as_millis() < 100, "{stored}");
        }
    }

    proptest! {
        #[test]
        fn rubbish_never_matches_nor_panics(stored in "(\\$(2a|P|argon2id|argon2i)\\$)?[a-zA-Z0-9=,./$]{0,70}", i in 0usize..7) {
            let algo = Algo::ALL[i];
            let matched = verify("x", &stored, algo, &json!({"version": "sha1", "salt": "", "costCpu": 2}));
            prop_assert!(!matched);
        }
    }
}
