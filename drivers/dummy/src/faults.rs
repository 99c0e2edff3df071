//! What goes wrong with a call. It is drawn from the seed and the number of the call, so the same
//! seed and the same calls give the same faults.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cloudfarm_contract::{Effect, Error, Operation, Retry, SideEffect, Text};
use fastrand::Rng;

use crate::ids::mix;
use crate::params::{FaultPlan, Params, operation};

/// The faults of one process.
#[derive(Debug)]
pub(crate) struct Faults {
    plan: FaultPlan,
    quiet: bool,
    operations: Vec<Operation>,
    seed: u64,
    latency: Duration,
    jitter: Duration,
    unreachable: bool,
    hang: bool,
    calls: AtomicU64,
}

/// What a call that is let through has to expect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate {
    /// How long the way to the cloud takes, and the way back.
    pub(crate) way: Duration,
    /// The work is done, and this is all that the caller hears.
    pub(crate) lost_reply: Option<Error>,
    /// A page has at most this share of what it could have.
    truncated: bool,
    /// The node that the call is about vanishes.
    pub(crate) vanish: bool,
    /// The node that the call makes fails.
    pub(crate) node_error: bool,
}

impl Fate {
    /// The limit of a page, less where it is to end early. One item is left, for without any the
    /// marker would not move.
    pub(crate) fn shorten(&self, limit: u32) -> u32 {
        if self.truncated {
            (limit / 2).max(1)
        } else {
            limit
        }
    }
}

/// How the way to the cloud ends.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The call is carried out.
    Through(Fate),
    /// The cloud refuses it after this time.
    Refused(Duration, Error),
    /// Nobody answers.
    Silence,
}

impl Faults {
    pub(crate) fn new(params: &Params, seed: u64) -> Self {
        Self {
            quiet: params.faults.is_quiet(),
            operations: params
                .faults
                .operations
                .iter()
                .filter_map(|name| operation(name))
                .collect(),
            plan: params.faults.clone(),
            seed,
            latency: params.latency.0,
            jitter: params.latency_jitter.0,
            unreachable: params.unreachable,
            hang: params.hang,
            calls: AtomicU64::new(0),
        }
    }

    /// What becomes of the next call.
    pub(crate) fn next(&self, operation: Operation) -> Arrival {
        if self.unreachable {
            return Arrival::Refused(Duration::ZERO, Error::unavailable("connection refused"));
        }
        if self.hang {
            return Arrival::Silence;
        }
        if self.quiet && self.jitter.is_zero() {
            return Arrival::Through(Fate {
                way: self.latency / 2,
                ..Fate::default()
            });
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut rng = Rng::with_seed(mix(self.seed ^ mix(call)));
        let latency = self.latency + self.jitter.mul_f64(rng.f64());
        if self.quiet || !self.concerns(operation) {
            return Arrival::Through(Fate {
                way: latency / 2,
                ..Fate::default()
            });
        }
        self.draw(operation, latency, &mut rng)
    }

    fn concerns(&self, operation: Operation) -> bool {
        self.operations.is_empty() || self.operations.contains(&operation)
    }

    /// Every fault is drawn for every call, so that the probability of one does not shift the
    /// others.
    fn draw(&self, operation: Operation, latency: Duration, rng: &mut Rng) -> Arrival {
        let plan = &self.plan;
        let mut hits = |probability: f64| rng.f64() < probability;
        let rate_limit = hits(plan.rate_limit);
        let expired_token = hits(plan.expired_token);
        let server_error = hits(plan.server_error);
        let hang = hits(plan.hang);
        let lost_reply = hits(plan.lost_reply);
        let truncated = hits(plan.truncated_page);
        let vanish = hits(plan.vanish);
        let node_error = hits(plan.node_error);
        let coin = hits(0.5);

        let refused = if rate_limit {
            Some(too_many(plan.retry_after.0))
        } else if expired_token {
            Some(expired())
        } else if server_error {
            Some(broken(operation, coin))
        } else {
            None
        };
        if let Some(error) = refused {
            return Arrival::Refused(latency, error);
        }
        if hang {
            return Arrival::Silence;
        }
        Arrival::Through(Fate {
            way: latency / 2,
            lost_reply: lost_reply.then(|| lost(operation, coin)),
            truncated,
            vanish,
            node_error,
        })
    }
}

/// What an unanswered call may have left behind: nobody outside can tell.
fn possible(operation: Operation) -> SideEffect {
    match operation.effect() {
        Effect::Read => SideEffect::None,
        Effect::Idempotent | Effect::Once => SideEffect::Possible,
    }
}

fn too_many(wait: Duration) -> Error {
    Error::rate_limited("the cloud takes no more calls for now")
        .with_retry(Retry::After(wait))
        .with_provider(Some(429), Some(Text::from_static("rate_limited")), None)
}

fn expired() -> Error {
    Error::provider_auth("the token expired")
        .with_retry(Retry::Later)
        .with_provider(Some(401), Some(Text::from_static("token_expired")), None)
}

fn broken(operation: Operation, overloaded: bool) -> Error {
    let (status, message) = if overloaded {
        (503, "the cloud is overloaded")
    } else {
        (500, "the cloud failed")
    };
    Error::provider_error(message)
        .with_side_effect(possible(operation))
        .with_provider(Some(status), Some(Text::from_static("server_error")), None)
}

fn lost(operation: Operation, timeout: bool) -> Error {
    let error = if timeout {
        Error::timeout("the reply did not arrive in time")
    } else {
        Error::provider_error("the connection was closed before the reply")
    };
    error.with_side_effect(possible(operation))
}

/// The answer to a call that nobody answers.
pub(crate) fn silence(operation: Operation) -> Error {
    Error::timeout("the cloud did not answer before the deadline")
        .with_side_effect(possible(operation))
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Operation;

    use super::Faults;
    use crate::params::Params;

    fn outcomes(seed: u64, calls: usize) -> Vec<String> {
        let mut params = Params::default();
        params.faults.rate_limit = 0.2;
        params.faults.server_error = 0.2;
        params.faults.lost_reply = 0.2;
        params.faults.operations = vec!["create_node".to_owned()];
        let faults = Faults::new(&params, seed);
        (0..calls)
            .map(|_| format!("{:?}", faults.next(Operation::CreateNode)))
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        assert_eq!(outcomes(1, 200), outcomes(1, 200));
        assert_ne!(outcomes(1, 200), outcomes(2, 200));
    }

    #[test]
    fn faults_come_as_often_as_planned_and_only_where() {
        let refused = outcomes(3, 2000)
            .iter()
            .filter(|outcome| outcome.contains("rate_limited"))
            .count();
        assert!((300..500).contains(&refused), "{refused} of 2000");

        let mut params = Params::default();
        params.faults.server_error = 1.0;
        params.faults.operations = vec!["create_node".to_owned()];
        let faults = Faults::new(&params, 1);
        assert!(format!("{:?}", faults.next(Operation::GetNode)).contains("Through"));
        assert!(format!("{:?}", faults.next(Operation::CreateNode)).contains("Refused"));
    }
}
