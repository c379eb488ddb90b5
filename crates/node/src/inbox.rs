//! What the log thread hands to one runtime: pushed under a short lock, announced by one wake a batch.

use std::sync::{Mutex, PoisonError};

use huxin_ledger::Delivery;
use tokio::sync::Notify;

/// Deliveries that wait for their runtime.
#[derive(Debug, Default)]
pub struct Inbox {
    deliveries: Mutex<Vec<Delivery>>,
    arrived: Notify,
}

impl Inbox {
    /// Called by the log thread, once a batch.
    pub fn push(&self, delivery: Delivery) {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        self.arrived.notify_one();
    }

    /// Waits for what the log thread has handed over, and takes all of it.
    pub async fn take(&self) -> Vec<Delivery> {
        loop {
            let taken = std::mem::take(&mut *self.deliveries.lock().unwrap_or_else(PoisonError::into_inner));
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }
}
