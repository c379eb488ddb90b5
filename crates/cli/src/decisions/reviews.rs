//! `huxin reviews`: the reviews of the caller's department that wait for a person, oldest first.

use clap::Args as ClapArgs;
use huxin_attest::UnixMs;
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use serde::Serialize;
use tonic::{Request, Response};

use super::DEADLINE;
use crate::connection::{Connection, Peer, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages::words::{Lines, Word};
use crate::{messages, retry};

/// The most reviews that the node puts on one page.
const PAGE: u32 = 100;

/// How many.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// How many are shown at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown {
    reviews: Vec<Review>,
    /// Are there more than were asked for?
    more: bool,
}

#[derive(Serialize)]
struct Review {
    log: String,
    index: u64,
    decided_at: String,
    open_ms: i64,
    place: String,
    case_ref: String,
    rule: String,
    case: String,
}

/// Lists the open reviews.
///
/// # Errors
/// If the node is not reached or refuses.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let shown = block_on(list(&mut peer, args.limit))?;
    context.show(&shown, |shown| to_text(shown, context.lang))?;
    Ok(Exit::Clean)
}

async fn list(peer: &mut Peer, limit: u32) -> Result<Shown, CliError> {
    let mut shown = Shown { reviews: Vec::new(), more: false };
    let mut page_token = String::new();
    loop {
        let found = u32::try_from(shown.reviews.len()).unwrap_or(u32::MAX);
        let request = v1::ReviewsRequest { page_size: (limit - found).min(PAGE), page_token };
        let reply = retry::call(peer, DEADLINE, async |channel| {
            let mut call = Request::new(request.clone());
            call.set_timeout(REQUEST_DEADLINE);
            RecognitionClient::new(channel).reviews(call).await.map(Response::into_inner)
        });
        let v1::ReviewsReply { reviews, next_page_token } = reply.await?;
        shown.reviews.extend(reviews.into_iter().map(review));
        shown.more = !next_page_token.is_empty();
        let enough = u32::try_from(shown.reviews.len()).is_ok_and(|found| found >= limit);
        if enough || next_page_token.is_empty() || next_page_token == request.page_token {
            return Ok(shown);
        }
        page_token = next_page_token;
    }
}

fn review(review: v1::OpenReview) -> Review {
    let v1::OpenReview { origin, index, decided_unix_ms, open_ms, place_id, case_ref, rule, case } = review;
    let decided_at = UnixMs::from_ms(decided_unix_ms).map(|time| time.to_string()).unwrap_or_default();
    Review { log: origin, index, decided_at, open_ms, place: place_id, case_ref, rule, case }
}

fn to_text(shown: &Shown, lang: Lang) -> String {
    let mut lines = Lines::new(lang);
    for review in &shown.reviews {
        let Review { log, index, decided_at, open_ms, place, case_ref, rule, case } = review;
        let waiting = messages::waits(open_ms / 60_000);
        let case_ref = if case_ref.is_empty() { String::new() } else { format!(" {case_ref}") };
        lines.add(
            Word::Review,
            format_args!(
                "{log} #{index} {decided_at} {place}{case_ref} {rule} / {case}{}",
                waiting.get(lang)
            ),
        );
    }
    let mut text = lines.finish();
    if shown.reviews.is_empty() {
        text.push_str(messages::no_open_review().get(lang));
    } else if shown.more {
        text.push_str(messages::more_reviews().get(lang));
    }
    text
}
