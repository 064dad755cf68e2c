//! Passwords, key ring, sealed values, authenticated streams, tokens, constant-time comparison. The only crate that names a cipher or a hash.
