//! On whose behalf, and how long.

use cloudfarm_contract::Context;

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

    /// Deadline, request id and priority.
    pub fn cx(&self) -> &Context {
        &self.cx
    }
}
