//! Encrypted attributes, under the key ring.
use std::sync::Arc;

/// Seals values of encrypted attributes.
pub struct AttributeSealer(pub Arc<crypto::Keyring>);

impl database::Sealer for AttributeSealer {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        self.0.seal("attribute", b"", plain).map_err(|e| e.to_string())
    }
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        self.0.open("attribute", b"", sealed).map_err(|e| e.to_string())
    }
}
