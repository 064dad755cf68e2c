//! The OpenAPI schema of a check.
