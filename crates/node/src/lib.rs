//! The server that a province runs: services, exchange, peers, configuration, telemetry.
