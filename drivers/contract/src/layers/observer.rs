//! Metrics: who wants to know how calls end implements [`Observer`].

use std::fmt::Debug;
use std::time::Duration;

use crate::{Error, ErrorKind, Operation};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Well.
    Ok,
    /// With an error of this kind.
    Failed(ErrorKind),
}

impl Outcome {
    /// Of a result.
    pub fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(error) => Self::Failed(error.kind()),
        }
    }

    /// The name as a label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(kind) => kind.as_str(),
        }
    }
}

/// Is told of every call and of every attempt within it.
pub trait Observer: Send + Sync + Debug {
    /// A call ended, retries and waits included.
    fn call_ended(&self, operation: Operation, outcome: Outcome, took: Duration);

    /// An attempt failed and another one follows after `pause`.
    fn attempt_repeated(&self, operation: Operation, error: &Error, pause: Duration);
}

/// Nobody wants to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn call_ended(&self, _: Operation, _: Outcome, _: Duration) {}

    fn attempt_repeated(&self, _: Operation, _: &Error, _: Duration) {}
}
