//! The data that a province keeps about its own people: one trait, one embedded store.
