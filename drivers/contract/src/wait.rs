//! Waiting for a node, or for anything else, to get where it was sent.

use std::time::Duration;

use tokio::time::sleep;

use crate::model::{Node, NodeState};
use crate::{Context, Driver, Error, ErrorKind, Result, SideEffect, Text};

/// What one look at the cloud showed.
#[derive(Debug)]
pub enum Observation<'a, T = Node> {
    /// It is there.
    Present(&'a T),
    /// It is not there.
    Gone,
}

impl<T> Clone for Observation<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Observation<'_, T> {}

/// What to make of an observation.
#[derive(Debug)]
pub enum Judgement {
    /// Look again later.
    Continue,
    /// This is what was waited for.
    Done,
    /// It will never come.
    Fail(Error),
}

/// How a wait ended well.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitOutcome<T = Node> {
    /// It is as it should be.
    Reached(Box<T>),
    /// It is not there, and the judge said that this ends the wait.
    Vanished,
}

/// How often to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitPolicy {
    /// The pause before the second look.
    pub first: Duration,
    /// By how much each pause is longer than the one before.
    pub factor: f64,
    /// The longest pause.
    pub longest: Duration,
    /// How many looks in a row may fail with an error that a retry can mend.
    pub transient_errors: u32,
}

impl Default for WaitPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            factor: 1.5,
            longest: Duration::from_secs(15),
            transient_errors: 3,
        }
    }
}

impl WaitPolicy {
    /// The pause after `pause`.
    fn longer(&self, pause: Duration) -> Duration {
        pause.mul_f64(self.factor.max(1.0)).min(self.longest)
    }

    /// How long to wait before the next look, at least for what the provider `asked`; `None` if
    /// `left` is too short for one. Where the pause would outlast the deadline there is a last look
    /// before it, while there is still time for the answer.
    fn next_wait(&self, pause: Duration, asked: Duration, left: Duration) -> Option<Duration> {
        let wait = Self::jittered(pause).max(asked);
        if wait < left {
            return Some(wait);
        }
        let last = left.saturating_sub(self.first);
        let worthwhile = !last.is_zero() && last >= self.first && last >= asked;
        worthwhile.then_some(last)
    }

    /// Between 80 % and 120 % of `pause`, so that many waits do not look at the same instant.
    fn jittered(pause: Duration) -> Duration {
        pause.mul_f64(0.8 + 0.4 * fastrand::f64())
    }
}

impl Judgement {
    /// Waits for one of `states`, while the node is not busy. A node in `error` fails with its
    /// fault unless `error` is among the wanted; a vanished node fails.
    pub fn for_states<'s>(states: &'s [NodeState]) -> impl FnMut(Observation<'_>) -> Self + 's {
        move |observation| match observation {
            Observation::Present(node) if states.contains(&node.state) && !node.busy => Self::Done,
            Observation::Present(node) if node.state == NodeState::Error => {
                Self::Fail(failed_node(node))
            }
            Observation::Present(node) if node.state == NodeState::Terminated => {
                Self::Fail(vanished(&node.id))
            }
            Observation::Present(_) => Self::Continue,
            Observation::Gone => Self::Fail(
                Error::not_found("the node vanished").with_side_effect(SideEffect::Possible),
            ),
        }
    }

    /// Waits until the node is gone. A node in `error` does not end it: what is destroyed because
    /// it failed shows its error until the end.
    pub fn for_gone() -> impl FnMut(Observation<'_>) -> Self {
        |observation| match observation {
            Observation::Gone => Self::Done,
            Observation::Present(node) if node.state == NodeState::Terminated => Self::Done,
            Observation::Present(_) => Self::Continue,
        }
    }
}

fn vanished(id: &str) -> Error {
    Error::not_found(format!("node {id} vanished")).with_side_effect(SideEffect::Possible)
}

fn failed_node(node: &Node) -> Error {
    let Some(fault) = &node.fault else {
        return Error::provider_error(format!("node {} is in state error", node.id))
            .with_retry(crate::Retry::Never)
            .with_side_effect(SideEffect::Done);
    };
    let kind = if is_no_capacity(&fault.message) {
        ErrorKind::NoCapacity
    } else {
        ErrorKind::ProviderError
    };
    let message = fault.message.trim_end_matches('.');
    Error::new(
        kind,
        format!("node {} is in state error: {message}", node.id),
    )
    .with_retry(crate::Retry::Never)
    .with_side_effect(SideEffect::Done)
    .with_provider(None, fault.code.clone(), None)
}

/// Providers accept a node and find only afterwards that they have no room for it.
fn is_no_capacity(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "no valid host",
        "insufficient capacity",
        "insufficientinstancecapacity",
        "no capacity",
        "no compute resources",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// Looks at a node until `judge` is satisfied, as [`wait_until`] does.
///
/// # Errors
///
/// As [`wait_until`].
pub async fn wait_node(
    driver: &dyn Driver,
    cx: &Context,
    id: &str,
    policy: &WaitPolicy,
    judge: impl FnMut(Observation<'_>) -> Judgement + Send,
) -> Result<WaitOutcome> {
    let watch = Watch {
        what: &format!("node {id}"),
        state: |node: &Node| Some(node.native_state.clone()),
    };
    wait_until(cx, policy, watch, || driver.get_node(cx, id), judge).await
}

/// What is waited for, for the message of a wait that took too long.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a, T> {
    /// What it is, as `node 17`.
    pub what: &'a str,
    /// The state it is in, where it has one.
    pub state: fn(&T) -> Option<Text>,
}

/// Looks at a thing until `judge` is satisfied, with growing, jittered pauses.
///
/// A few errors that a retry can mend do not end the wait; any other error does. A thing that is
/// not there is an observation of its own, not an error: the judge decides.
///
/// # Errors
///
/// What the judge fails with; an error of the driver that a retry cannot mend, or one too many that
/// it can; `timeout` with side effect `possible` when the deadline of `cx` passes.
pub async fn wait_until<T, L: Future<Output = Result<T>> + Send>(
    cx: &Context,
    policy: &WaitPolicy,
    watch: Watch<'_, T>,
    mut look: impl FnMut() -> L + Send,
    mut judge: impl FnMut(Observation<'_, T>) -> Judgement + Send,
) -> Result<WaitOutcome<T>> {
    let mut pause = policy.first;
    let mut failures = 0;
    let mut last_state = None;
    loop {
        let mut asked = Duration::ZERO;
        match look().await {
            Ok(seen) => {
                failures = 0;
                match judge(Observation::Present(&seen)) {
                    Judgement::Continue => last_state = (watch.state)(&seen),
                    Judgement::Done => return Ok(WaitOutcome::Reached(Box::new(seen))),
                    Judgement::Fail(error) => return Err(error),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                failures = 0;
                match judge(Observation::Gone) {
                    Judgement::Continue => last_state = None,
                    Judgement::Done => return Ok(WaitOutcome::Vanished),
                    Judgement::Fail(error) => return Err(error),
                }
            }
            Err(error) if error.is_retryable() && failures < policy.transient_errors => {
                failures += 1;
                asked = error.retry_after().unwrap_or_default();
            }
            Err(error) => return Err(error.with_side_effect(SideEffect::Possible)),
        }
        let Some(wait) = policy.next_wait(pause, asked, cx.remaining()) else {
            return Err(too_long(watch.what, last_state.as_deref()));
        };
        sleep(wait).await;
        pause = policy.longer(pause);
    }
}

fn too_long(what: &str, last_state: Option<&str>) -> Error {
    let seen = last_state.map_or_else(String::new, |state| format!(", last seen as {state}"));
    Error::timeout(format!(
        "the deadline passed while waiting for {what}{seen}"
    ))
    .with_side_effect(SideEffect::Possible)
}
