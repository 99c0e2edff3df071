//! On whose behalf, and how long.

use cloudfarm_contract::Context;
use jiff::Timestamp;

use crate::jobs::Submission;
use crate::store::Idempotency;

/// One request to the orchestrator.
#[derive(Debug, Clone)]
pub struct Call {
    cx: Context,
    idempotency: Option<Idempotency>,
    run_at: Option<Timestamp>,
}

impl Call {
    /// A request under this context.
    pub fn new(cx: Context) -> Self {
        Self {
            cx,
            idempotency: None,
            run_at: None,
        }
    }

    /// The same under a key by which its repetitions are known.
    #[must_use]
    pub fn with_idempotency(mut self, idempotency: Option<Idempotency>) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// The same for work that is not to be begun before this time.
    #[must_use]
    pub fn with_run_at(mut self, run_at: Option<Timestamp>) -> Self {
        self.run_at = run_at;
        self
    }

    /// The key by which its repetitions are known.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref()
    }

    /// When the work is to be begun; `None` for at once.
    pub fn run_at(&self) -> Option<Timestamp> {
        self.run_at
    }

    /// How the work is to be done that the request asks for.
    pub fn submission(&self) -> Submission {
        Submission {
            idempotency: self.idempotency.clone(),
            run_at: self.run_at,
            ..Submission::new(self.cx.request_id().clone())
        }
    }

    /// Deadline, request id and priority.
    pub fn cx(&self) -> &Context {
        &self.cx
    }
}
