//! The options that are stored with imported hashes, as the user model shows them.
use serde_json::{Map, Value, json};

use super::{Algo, Argon2Params};

/// An imported hash's format with the parameters its import names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported<'a> {
    /// argon2 in PHC form, which carries its parameters itself.
    Argon2,
    /// bcrypt.
    Bcrypt,
    /// MD5.
    Md5,
    /// SHA; empty for the default, SHA-256.
    Sha {
        /// E.g. `sha512` or `sha3-256`.
        version: &'a str,
    },
    /// Portable PHP hash.
    Phpass,
    /// scrypt.
    Scrypt {
        /// Salt, used as text.
        salt: &'a str,
        /// N, a power of two.
        cpu: i64,
        /// r.
        memory: i64,
        /// p.
        parallel: i64,
        /// Output length in bytes.
        length: i64,
    },
    /// Firebase scrypt; all in base64.
    ScryptMod {
        /// Salt of the user.
        salt: &'a str,
        /// Separator of the project.
        separator: &'a str,
        /// Signer key of the project.
        signer_key: &'a str,
    },
}

impl Imported<'_> {
    /// The algorithm.
    #[must_use]
    pub fn algo(self) -> Algo {
        match self {
            Self::Argon2 => Algo::Argon2,
            Self::Bcrypt => Algo::Bcrypt,
            Self::Md5 => Algo::Md5,
            Self::Sha { .. } => Algo::Sha,
            Self::Phpass => Algo::Phpass,
            Self::Scrypt { .. } => Algo::Scrypt,
            Self::ScryptMod { .. } => Algo::ScryptMod,
        }
    }

    /// The `hashOptions` to store. For the formats that carry their parameters in the hash these are the defaults of the
    /// algorithm, as existing clients see them, and have no meaning.
    #[must_use]
    pub fn options(self) -> Map<String, Value> {
        let value = match self {
            Self::Argon2 => Argon2Params::ACCOUNT.options(),
            Self::Bcrypt => json!({"type": "bcrypt", "cost": 8}),
            Self::Md5 => json!({"type": "md5"}),
            Self::Sha { version: "" } => json!({"version": "sha256"}),
            Self::Sha { version } => json!({"version": version}),
            Self::Phpass => {
                json!({"type": "phpass", "iteration_count_log2": 8, "portable_hashes": false})
            }
            Self::Scrypt { salt, cpu, memory, parallel, length } => {
                json!({"type": "scrypt", "costCpu": cpu, "costMemory": memory, "costParallel": parallel, "length": length, "salt": salt})
            }
            Self::ScryptMod { salt, separator, signer_key } => {
                json!({"type": "scryptMod", "salt": salt, "saltSeparator": separator, "signerKey": signer_key})
            }
        };
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_the_checks_read() {
        let scrypt = Imported::Scrypt { salt: "NaCl", cpu: 16, memory: 1, parallel: 1, length: 32 };
        let hash = "53403bc64c29edbce1413f9174fd962c786ab5d429fb02643cbda3c3a7bce130";
        assert!(super::super::verify("Paßwort-123", hash, scrypt.algo(), &Value::Object(scrypt.options())));
        let sha = Imported::Sha { version: "sha1" };
        assert_eq!(Value::Object(sha.options()).to_string(), r#"{"version":"sha1"}"#);
        assert_eq!(Imported::Sha { version: "" }.options()["version"], "sha256");
        let firebase = Imported::ScryptMod { salt: "UxLMreBr6tYyjQ==", separator: "Bw==", signer_key: "XyEK" };
        assert_eq!(firebase.algo().as_str(), "scryptMod");
        assert!(super::super::check_import("x", firebase.algo(), &Value::Object(firebase.options())).is_ok());
    }
}
