//! The server that a province runs.
//!
//! A node is one process: one runtime a core, each with its own listener, links and state ([`local`]), around what all
//! share ([`shared`]) and one log thread. Requests live and die on one runtime. The walk of a question is
//! [`recognise`]; the exchange with other provinces is [`exchange`]; departments state facts through [`state`].
//!
//! Nothing about a person leaves before the log holds it durably. What nobody may do stands nowhere: what [`access`]
//! does not list is refused.

pub mod access;
mod admission;
mod aggregate;
pub mod client;
pub mod clock;
pub mod config;
pub mod decision_log;
mod delivery;
mod exchange;
pub mod explanation;
mod files;
mod housekeeping;
mod inbox;
mod ledger;
pub mod limits;
pub mod listen;
mod load;
mod local;
mod log_port;
mod mass_changes;
mod metered;
mod peer_policies;
mod public_services;
mod recognise;
mod rules;
mod runtime;
mod salts;
mod sealed;
mod serve;
mod services;
mod shared;
mod start;
mod state;
mod status;
mod telemetry;
mod unread;

pub use config::{Config, ConfigError};
pub use exchange::Details;
pub use load::province_secret;
pub use start::{Listeners, Node, StartError};
