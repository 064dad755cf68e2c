//! Unsalted digests, for imports only.
use md5::Md5;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

pub(super) fn verify_md5(password: &[u8], stored: &str) -> bool {
    crate::constant_time_eq(hex::encode(Md5::digest(password)).as_bytes(), stored.as_bytes())
}

pub(super) fn verify_sha(password: &[u8], stored: &str, options: &Value) -> bool {
    sha(version(options), password).is_some_and(|h| crate::constant_time_eq(h.as_bytes(), stored.as_bytes()))
}

pub(super) fn is_sha(stored: &str, options: &Value) -> bool {
    sha(version(options), b"").is_some_and(|h| is_hex(stored, h.len() / 2))
}

/// Whether `text` is `bytes` bytes in hexadecimal.
pub(super) fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == bytes * 2 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn version(options: &Value) -> &str {
    options.get("version").and_then(Value::as_str).unwrap_or("sha256")
}

fn sha(version: &str, data: &[u8]) -> Option<String> {
    fn of<D: Digest>(data: &[u8]) -> String {
        hex::encode(D::digest(data))
    }
    Some(match version {
        "sha1" => of::<Sha1>(data),
        "sha224" => of::<Sha224>(data),
        "sha256" => of::<Sha256>(data),
        "sha384" => of::<Sha384>(data),
        "sha512/224" => of::<Sha512_224>(data),
        "sha512/256" => of::<Sha512_256>(data),
        "sha512" => of::<Sha512>(data),
        "sha3-224" => of::<Sha3_224>(data),
        "sha3-256" => of::<Sha3_256>(data),
        "sha3-384" => of::<Sha3_384>(data),
        "sha3-512" => of::<Sha3_512>(data),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Made with Python's `hashlib` (OpenSSL).
    const VECTORS: [(&str, &str); 11] = [
        ("sha1", "57ec25af0d4692910eb5a69cf5e8b2c20be175e3"),
        ("sha224", "a39a6d9af51fb7a459d60fcd716121c8e17a9c429a9ed5a003156bb9"),
        ("sha256", "99fbad88cbf87abfd68fe718a811367b1faa48e9c34ad1c96bdaae659f643ad1"),
        ("sha384", "e4257fb69327b41ed8ed4302629415583f5a6b93c1deab774823f9330bd7c7ffb7d6dfd69e8db0dc2bbdc3907c449c56"),
        ("sha512", "96d7da303ab9178c0349229f65364d24bf2555e7cf74ad996efceb65a281b5d7d5d3be47dc13dbca16f5df3f80b4e7b926b692514b9d4e33fc1023b25bbee4b4"),
        ("sha512/224", "39d61dc51866b667cf44879f1f0d09c27bda0ee68a96527d547eb131"),
        ("sha512/256", "9c4baf6e45f900620b5cafd8465914cf76214a0f6897655185c551cf340e376f"),
        ("sha3-224", "9965981f1e0c95aa909fcb3aa4ffd52402ae7281cd07dd7830d7c3a2"),
        ("sha3-256", "ebbbb140a8ef6d3dae39cec03c5aa29913c3ba676515cb7dbfcee3f6f52a8e15"),
        ("sha3-384", "9cdac25a7d3bda4735b146ff01929419766046141cad29b3cad5fb5430689c67fa6c559b7163101bffa98dd9c529e763"),
        ("sha3-512", "66a16360b291a066d53f5cd5d2aa8a5c9ae5f54e25e997c44c9cc4d02490cb53ead8e24718cd08566cd7c7c838a11e1c3b50ae24b698088660177ba0b585c562"),
    ];

    #[test]
    fn agrees_with_the_original() {
        let password = "Paßwort-123".as_bytes();
        for (version, hash) in VECTORS {
            let options = json!({"version": version});
            assert!(verify_sha(password, hash, &options), "{version}");
            assert!(is_sha(hash, &options));
            assert!(!verify_sha(b"other", hash, &options));
        }
        assert!(verify_sha(password, VECTORS[2].1, &json!({})));
        assert!(!verify_sha(password, VECTORS[2].1, &json!({"version": "md4"})));
        assert!(verify_md5(password, "5380e54a58d7be9823af060c8cf3e045"));
        assert!(!verify_md5(b"x", "5380e54a58d7be9823af060c8cf3e045") && !verify_md5(b"x", ""));
    }
}
