//! Buckets' bytes: chunked upload, scan, compress, encrypt, put; ranged, authenticated reads; limits.
