//! Hands a runtime's part of each durable batch to those who wait for it.

use std::sync::Arc;

use huxin_ledger::{Delivery, Done};

use crate::local::Local;
use crate::log_port::{Logged, Waiter};

/// Delivers until the runtime ends.
pub async fn deliver(local: Arc<Local>) {
    loop {
        for delivery in local.log.inbox().take().await {
            deliver_batch(&local, delivery);
        }
    }
}

fn deliver_batch(local: &Local, delivery: Delivery) {
    let Delivery { heads, done, size, checkpoint } = delivery;
    let origin = local.shared.log_key.origin().as_str();
    // A head goes before the answers that it proves.
    for (stream, head) in heads {
        local.streams.send_head(stream, head);
    }
    for done in done {
        match done {
            Done::Logged { ticket, index, path } => match local.log.take(ticket) {
                Some(Waiter::Call(waiter)) => {
                    // Who gave up waiting left a durable entry behind: it happened all the same.
                    let _ = waiter.send(Logged { index, path, checkpoint: Arc::clone(&checkpoint) });
                }
                Some(Waiter::Answer(answer)) => {
                    local.streams.send_answer(*answer, index, &path, origin, size)
                }
                Some(Waiter::Nobody) | None => {}
            },
            Done::LookAgain { ticket } => {
                if let Some(Waiter::Answer(answer)) = local.log.take(ticket) {
                    local.streams.answer_again(local, *answer);
                }
            }
        }
    }
}
