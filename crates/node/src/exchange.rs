//! The exchange between provinces: asking over links, answering on streams.
//!
//! An answer is a log proof. The asker believes nothing before it has recomputed the leaf, walked the path to a head
//! that extends all heads it saw before, and found the answer to be about its own question. The answerer sends nothing
//! about a person before its log holds it durably.

mod answer;
mod board;
mod call;
mod conversation;
mod convert;
mod details;
mod dial;
mod guarded;
mod last;
mod link;
mod ranking;
mod reply;
mod reported;
mod reuse;
mod serve;
mod streams;

pub use answer::standing_message;
pub use board::Board;
pub use call::answer_call;
pub use conversation::End;
pub use convert::hash_bytes;
pub use details::Details;
pub use last::{LastAnswers, Subject};
pub use link::{AskError, Expected, Link};
pub use reply::PeerAnswer;
pub use reported::Reported;
pub use reuse::{Unreported, Used, log_reuse};
pub use serve::serve_stream;
pub use streams::{Outgoing, PendingAnswer, Streams};
