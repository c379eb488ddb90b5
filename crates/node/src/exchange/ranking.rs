//! Which endpoint of a peer is dialled first: the one that failed least, and among equals the one that served last.
//!
//! So a working endpoint is preferred, and one that fails falls behind the others until they fail as well.

use std::cmp::Reverse;

use huxin_identity::Endpoint;

/// What a link has seen of its peer's endpoints.
#[derive(Debug, Default)]
pub struct Ranking {
    seen: Vec<Seen>,
    /// How many streams were opened: tells later from earlier.
    opened: u64,
}

#[derive(Debug)]
struct Seen {
    endpoint: Endpoint,
    /// Failures since it last let us in.
    failures: u32,
    /// Which of our streams was the last that it served; 0: none.
    served: u64,
}

impl Ranking {
    /// The listed endpoints, in the order in which they are dialled; what is no longer listed is forgotten.
    pub fn order(&mut self, listed: &[Endpoint]) -> Vec<Endpoint> {
        self.seen.retain(|seen| listed.contains(&seen.endpoint));
        let mut order: Vec<&Endpoint> = listed.iter().collect();
        // The sort is stable: what is equal keeps the list's order.
        order.sort_by_key(|endpoint| {
            let seen = self.seen.iter().find(|seen| seen.endpoint == **endpoint);
            seen.map_or((0, Reverse(0)), |seen| (seen.failures, Reverse(seen.served)))
        });
        order.into_iter().cloned().collect()
    }

    /// An endpoint let us in.
    pub fn served(&mut self, endpoint: &Endpoint) {
        self.opened += 1;
        let opened = self.opened;
        let seen = self.of(endpoint);
        (seen.failures, seen.served) = (0, opened);
    }

    /// An endpoint did not let us in, was slower than one that was dialled after it, or its stream ended.
    pub fn failed(&mut self, endpoint: &Endpoint) {
        let seen = self.of(endpoint);
        seen.failures = seen.failures.saturating_add(1);
    }

    fn of(&mut self, endpoint: &Endpoint) -> &mut Seen {
        let at = self.seen.iter().position(|seen| seen.endpoint == *endpoint).unwrap_or_else(|| {
            self.seen.push(Seen { endpoint: endpoint.clone(), failures: 0, served: 0 });
            self.seen.len() - 1
        });
        #[allow(clippy::indexing_slicing, reason = "the place was found, or made, on the line above")]
        &mut self.seen[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(ports: &[u16]) -> Vec<Endpoint> {
        ports.iter().map(|port| format!("127.0.0.1:{port}").parse().unwrap()).collect()
    }

    #[test]
    fn at_first_the_order_is_the_lists() {
        let listed = endpoints(&[3, 1, 2]);
        assert_eq!(Ranking::default().order(&listed), listed);
    }

    #[test]
    fn what_works_goes_first_and_what_fails_falls_behind() {
        let listed = endpoints(&[1, 2, 3]);
        let mut ranking = Ranking::default();
        ranking.failed(&listed[0]);
        ranking.served(&listed[1]);
        assert_eq!(ranking.order(&listed), endpoints(&[2, 3, 1]));
        // Its stream ends: it has failed as often as the first, but it is the one that worked.
        ranking.failed(&listed[1]);
        assert_eq!(ranking.order(&listed), endpoints(&[3, 2, 1]));
        ranking.failed(&listed[2]);
        assert_eq!(ranking.order(&listed), endpoints(&[2, 1, 3]));
        ranking.failed(&listed[1]);
        assert_eq!(ranking.order(&listed), endpoints(&[1, 3, 2]));
        ranking.served(&listed[2]);
        assert_eq!(ranking.order(&listed), endpoints(&[3, 1, 2]));
    }

    #[test]
    fn an_endpoint_that_is_no_longer_listed_is_forgotten() {
        let listed = endpoints(&[1, 2]);
        let mut ranking = Ranking::default();
        ranking.failed(&listed[0]);
        ranking.order(&listed[1..]);
        assert_eq!(ranking.order(&listed), listed);
    }
}
