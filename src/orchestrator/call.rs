//! On whose behalf, and how long.

use cloudfarm_contract::Context;

use crate::jobs::Submission;
use crate::store::Idempotency;

/// One request to the orchestrator.
#[derive(Debug, Clone)]
pub struct Call {
    cx: Context,
    idempotency: Option<Idempotency>,
}

impl Call {
    /// A request under this context.
    pub fn new(cx: Context) -> Self {
        Self {
            cx,
            idempotency: None,
        }
    }

    /// The same under a key by which its repetitions are known.
    #[must_use]
    pub fn with_idempotency(mut self, idempotency: Option<Idempotency>) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// How the work is to be done that the request asks for.
    pub fn submission(&self) -> Submission {
        Submission {
            idempotency: self.idempotency.clone(),
            ..Submission::new(self.cx.request_id().clone())
        }
    }

    /// Deadline, request id and priority.
    pub fn cx(&self) -> &Context {
        &self.cx
    }
}
