//! What travels: generated messages and services, conversions, error mapping.
