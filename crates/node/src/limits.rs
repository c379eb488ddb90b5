//! What bounds everything from outside. Each limit is tested over the wire.

use std::time::Duration;

/// From accept to the end of the TLS handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// From the end of the handshake to the whole HTTP/2 preface, and from the start of an exchange stream to its first message.
pub const PREFACE: Duration = Duration::from_secs(5);
/// Without a byte received for so long, a connection is closed. Streams stay open by pings.
pub const IDLE: Duration = Duration::from_secs(300);
/// The client's ping on exchange streams, and how long it waits for the answer.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long a ping may stay unanswered.
pub const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest message, in bytes.
pub const MESSAGE: usize = 64 * 1024;
/// The longest serialised query, in bytes.
pub const QUERY: usize = 4 * 1024;
/// Concurrent HTTP/2 streams on a connection.
pub const STREAMS: u32 = 256;
/// All request headers of one call, in bytes.
pub const HEADERS: u32 = 16 * 1024;
/// Flow-control window of one HTTP/2 stream, in bytes.
pub const STREAM_WINDOW: u32 = 1 << 20;
/// Flow-control window of one HTTP/2 connection, in bytes.
pub const CONNECTION_WINDOW: u32 = 4 << 20;
/// Connections that one certificate identity may hold.
pub const CONNECTIONS_PER_IDENTITY: usize = 64;
/// Stream errors of the peer's making after which the connection is closed with GOAWAY.
pub const LOCAL_RESETS: usize = 128;
/// The longest that a unary call may take.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(2);
/// The longest that one batch of an import may take.
pub const IMPORT_DEADLINE: Duration = Duration::from_secs(60);
/// What is kept of a request's deadline for the decision and its log entry.
pub const DEADLINE_RESERVE: Duration = Duration::from_millis(100);
/// How far the clocks of two nodes may be apart, in milliseconds.
pub const CLOCK_SKEW_MS: i64 = 60_000;
/// How old a statement may be when `State` receives it, in milliseconds; it may also be ahead by so much.
pub const STATED_AT_MS: i64 = 60_000;
/// How old a statement may be when `Import` receives it, in milliseconds.
pub const IMPORTED_AT_MS: i64 = 7 * 24 * 3_600_000;
/// Presentations in one request.
pub const PRESENTATIONS: usize = 8;
/// Regions that a holder names as having tested there.
pub const TEST_REGIONS: usize = 3;
/// Exchange streams that one peer may have open on each runtime. A node opens one for each of its runtimes.
pub const EXCHANGE_STREAMS: usize = 64;
/// Questions in flight on one exchange stream.
pub const IN_FLIGHT: usize = 4096;
/// How long after its registry was read an answer may be used again while its province is silent, in milliseconds.
pub const REUSE_MS: i64 = 10 * 60_000;
/// Answers that are kept to be used again.
pub const LAST_ANSWERS: usize = 128 * 1024;
/// What these may hold, in bytes of statements with what each costs beside them.
pub const LAST_ANSWERS_BYTES: usize = 128 << 20;
/// Reports of reuses under way on one exchange stream.
pub const REPORTS_IN_FLIGHT: usize = 64;
/// Reports of reuses that one peer may send in a minute.
pub const REPORTS_PER_MINUTE: u32 = 60_000;
/// Logged reports that are known again.
pub const REPORTS_REMEMBERED: usize = 64 * 1024;
/// Statements in one batch of an import.
pub const BATCH: usize = 4096;
/// Statements on a page of a history, unless the caller wants fewer or more.
pub const PAGE: usize = 20;
/// Statements on a page of a history at most.
pub const PAGE_MAX: usize = 100;
/// Entries that wait for the log.
pub const LOG_QUEUE: usize = 16 * 1024;
/// What is in the log's journals is moved into tiles at least so often, which takes a moment more: no entry is in the
/// journals for a minute.
pub const INTEGRATION_INTERVAL: Duration = Duration::from_secs(30);
/// A journal with so many bytes is moved into tiles at once.
pub const JOURNAL: u64 = 16 * 1024 * 1024;
/// Appends to the log wait while the journals hold so many bytes; recent entries are in memory as long as in a journal.
pub const JOURNALS: u64 = 128 * 1024 * 1024;
/// Statements of one kind in an answer.
pub const STATEMENTS_PER_KIND: usize = 8;
/// One file of a policy, in bytes. Baseline, vocabulary and overlay then fit into the 4 MiB that stock gRPC clients take
/// in one message.
pub const POLICY_FILE: usize = 1 << 20;
/// The longest reply about a policy that is taken from a peer, in bytes.
pub const POLICY_REPLY: usize = 4 << 20;
