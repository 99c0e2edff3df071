//! On whose behalf, and how long.

use cloudfarm_contract::Context;

use crate::jobs::Submission;

/// One request to the orchestrator.
#[derive(Debug, Clone)]
pub struct Call {
    cx: Context,
}

impl Call {
    /// A request under this context.
    pub fn new(cx: Context) -> Self {
        Self { cx }
    }

    /// How the work is to be done that the request asks for.
    pub fn submission(&self) -> Submission {
        Submission::new(self.cx.request_id().clone())
    }

    /// Deadline, request id and priority.
    pub fn cx(&self) -> &Context {
        &self.cx
    }
}
