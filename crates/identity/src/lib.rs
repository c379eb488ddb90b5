//! Certificates and membership: issue, parse, verify, TLS configurations.
