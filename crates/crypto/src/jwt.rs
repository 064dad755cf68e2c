//! JSON web tokens of this server's own: HS256 only.
//!
//! The signing key is the key ring's `jwt` subkey, not the master secret itself: a token is a known plaintext handed to
//! clients, and guessing its key must not give away the keys of stored data. Clients never verify these tokens.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{CryptoError, Keyring};

/// Why a token was refused; printed, it is the text clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// Not three parts of base64url JSON.
    #[error("Invalid token: Incomplete segments")]
    Malformed,
    /// Signed (or not signed) by another algorithm.
    #[error("Invalid token: Unsupported header algo")]
    Algorithm,
    /// The signature does not fit.
    #[error("Invalid token: Signature failed")]
    Signature,
    /// `exp` has come.
    #[error("Invalid token: Expired")]
    Expired,
}

/// Longest token looked at, in bytes: bounds the work spent on hostile input.
const MAX_LEN: usize = 64 * 1024;

/// Chooses the cryptography of `jsonwebtoken` for the process. Without this it panics at the first token when another
/// crate of the build switches on a second provider.
pub(crate) fn install() {
    // An earlier installation stays, which is as good.
    let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
}

impl Keyring {
    /// Signs claims with the newest key; the header is `{"typ":"JWT","alg":"HS256"}`.
    ///
    /// # Errors
    /// None in practice: the key ring is never empty and a JSON map is serialisable.
    pub fn sign_jwt(&self, claims: &Map<String, Value>) -> Result<String, CryptoError> {
        let key = self.subkey("jwt")?;
        encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key.expose())).map_err(|_| CryptoError::Malformed)
    }

    /// Checks the signature with any key of the ring that is not distrusted and `exp`, if there is one, against `now` (Unix seconds, no
    /// leeway: a token is dead from that second on). Gives the claims.
    ///
    /// # Errors
    /// See [`JwtError`].
    pub fn verify_jwt(&self, token: &str, now: i64) -> Result<Map<String, Value>, JwtError> {
        if token.len() > MAX_LEN || token.bytes().filter(|b| *b == b'.').count() != 2 {
            return Err(JwtError::Malformed);
        }
        let mut result = Err(JwtError::Signature);
        for key in self.token_keys("jwt") {
            result = check(token, key.as_slice());
            if !matches!(result, Err(JwtError::Signature)) {
                break;
            }
        }
        let claims = result?;
        match claims.get("exp") {
            None => Ok(claims),
            Some(exp) if exp.as_i64().or_else(|| exp.as_u64().map(|_| i64::MAX)).is_some_and(|e| now < e) => Ok(claims),
            Some(_) => Err(JwtError::Expired),
        }
    }
}

/// Signs claims for somebody else with an ECDSA P-256 key of theirs, given as PEM (PKCS #8).
///
/// # Errors
/// [`CryptoError::Malformed`] for what is no such key.
pub fn sign_es256(pem: &str, key_id: &str, claims: &Map<String, Value>) -> Result<String, CryptoError> {
    // Also on one line, as forms tend to make it.
    let body = pem.replace("-----BEGIN PRIVATE KEY-----", "").replace("-----END PRIVATE KEY-----", "");
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let der = Zeroizing::new(STANDARD.decode(body).map_err(|_| CryptoError::Malformed)?);
    install();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key_id.to_owned());
    encode(&header, claims, &EncodingKey::from_ec_der(&der)).map_err(|_| CryptoError::Malformed)
}

fn check(token: &str, key: &[u8]) -> Result<Map<String, Value>, JwtError> {
    let mut rules = Validation::new(Algorithm::HS256);
    // The clock is an argument here, so `exp` is judged by the caller.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    match decode::<Map<String, Value>>(token, &DecodingKey::from_secret(key), &rules) {
        Ok(data) => Ok(data.claims),
        Err(e) => Err(match e.kind() {
            ErrorKind::InvalidSignature => JwtError::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => JwtError::Algorithm,
            _ => JwtError::Malformed,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    use serde_json::json;

    fn ring(secrets: &[&str]) -> Keyring {
        Keyring::new(&secrets.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn claims(v: Value) -> Map<String, Value> {
        v.as_object().unwrap().clone()
    }

    #[test]
    fn foreign_keys_sign() {
        // Made for this test: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
        let pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEyKxBdmcgtybzm/M\nJr94EfIJm9t4g3l4Sfoy/I2Y7KyhRANCAASFmEnookdrpWSpvrys99s8KX2XnI6y\nVa9UDDq3DIt9dODZ1vGXWc4/LBT+oiMvKOIzJHlREuLViwHsf3mLJI5m\n-----END PRIVATE KEY-----\n";
        let claims = claims(json!({"iss": "team", "exp": 1}));
        for text in [pem.to_owned(), pem.replace('\n', "")] {
            let token = sign_es256(&text, "key-1", &claims).unwrap();
            let parts: Vec<&str> = token.split('.').collect();
            assert_eq!(B64.decode(parts[0]).unwrap(), br#"{"typ":"JWT","alg":"ES256","kid":"key-1"}"#);
            assert_eq!(B64.decode(parts[1]).unwrap(), br#"{"iss":"team","exp":1}"#);
            assert_eq!(B64.decode(parts[2]).unwrap().len(), 64);
        }
        assert!(sign_es256("nonsense", "k", &claims).is_err() && sign_es256("QUJD", "k", &claims).is_err());
    }

    #[test]
    fn round_trip_and_expiry() {
        let r = ring(&["one"]);
        let c = claims(json!({"userId": "u", "sessionId": "s", "exp": 100}));
        let t = r.sign_jwt(&c).unwrap();
        assert_eq!(B64.decode(t.split('.').next().unwrap()).unwrap(), br#"{"typ":"JWT","alg":"HS256"}"#);
        assert_eq!(r.verify_jwt(&t, 99).unwrap(), c);
        assert_eq!(r.verify_jwt(&t, 100), Err(JwtError::Expired));
        let text = r.sign_jwt(&claims(json!({"exp": "soon"}))).unwrap();
        assert_eq!(r.verify_jwt(&text, 0), Err(JwtError::Expired));
        let never = r.sign_jwt(&claims(json!({"a": 1}))).unwrap();
        assert!(r.verify_jwt(&never, i64::MAX).is_ok());
    }

    #[test]
    fn keys_rotate() {
        let t = ring(&["one"]).sign_jwt(&claims(json!({"a": 1}))).unwrap();
        assert!(ring(&["one", "two"]).verify_jwt(&t, 0).is_ok());
        assert_eq!(ring(&["two"]).verify_jwt(&t, 0), Err(JwtError::Signature));
        let by_master = encode(&Header::new(Algorithm::HS256), &json!({"a": 1}), &EncodingKey::from_secret(b"one")).unwrap();
        assert_eq!(ring(&["one"]).verify_jwt(&by_master, 0), Err(JwtError::Signature));
    }

    #[test]
    fn refuses_other_algorithms_and_rubbish() {
        let r = ring(&["one"]);
        let t = r.sign_jwt(&claims(json!({"a": 1}))).unwrap();
        let (_, rest) = t.split_once('.').unwrap();
        for (header, why) in [
            (r#"{"typ":"JWT","alg":"HS512"}"#, JwtError::Algorithm),
            (r#"{"typ":"JWT","alg":"RS256"}"#, JwtError::Algorithm),
            (r#"{"typ":"JWT","alg":"ES256"}"#, JwtError::Algorithm),
        ] {
            assert_eq!(r.verify_jwt(&format!("{}.{rest}", B64.encode(header)), 0), Err(why));
        }
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"NONE"}"#, "{}", "[]", ""] {
            assert!(r.verify_jwt(&format!("{}.{rest}", B64.encode(header)), 0).is_err());
            let body = rest.split('.').next().unwrap();
            assert!(r.verify_jwt(&format!("{}.{body}.", B64.encode(header)), 0).is_err());
        }
        for bad in ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "é.é.é"] {
            assert!(r.verify_jwt(bad, 0).is_err());
        }
        for i in 0..t.len() {
            let mut bytes = t.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            if let Ok(c) = r.verify_jwt(&changed, 0) {
                panic!("{i}: {c:?}");
            }
        }
    }
}
