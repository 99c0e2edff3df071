//! Actions of a server: one address, told apart by the key of the body.

use cloudfarm_contract::model::{Node, NodeAction, NodeState};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result};
use cloudfarm_http::Response;
use serde_json::Value;

use super::Compute;
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;

impl Compute {
    /// Does something to a server. A refusal says in which states it is legal.
    pub(crate) async fn act(
        &self,
        cx: &Context,
        id: &str,
        action: NodeAction,
        effect: Effect,
        body: Value,
    ) -> Result<Response> {
        let call = Call::post(&["servers", id, "action"], effect, body);
        let acted = self.session.ask(cx, COMPUTE, &call).await;
        acted.map_err(|error| self.refused(error, action))
    }

    /// Sends a server to a state. That it is there, or on its way, is no reason to refuse.
    pub(super) async fn send_to(
        &self,
        cx: &Context,
        id: &str,
        action: NodeAction,
        body: Value,
        is_there: impl Fn(&Node) -> bool + Send,
    ) -> Result<()> {
        let Err(error) = self.act(cx, id, action, Effect::Idempotent, body).await else {
            return Ok(());
        };
        if error.kind() != ErrorKind::Conflict {
            return Err(error);
        }
        match self.get_node(cx, id).await {
            Ok(node) if is_there(&node) => Ok(()),
            Ok(_) => Err(error),
            Err(gone) if gone.kind() == ErrorKind::NotFound => Err(gone),
            Err(_) => Err(error),
        }
    }

    /// Starts a node.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::start_node`].
    pub async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        let body = serde_json::json!({"os-start": null});
        self.send_to(cx, id, NodeAction::Start, body, |node| {
            node.state == NodeState::Starting || (node.state == NodeState::Running && !node.busy)
        })
        .await
    }

    /// Stops a node.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::stop_node`].
    pub async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        let body = serde_json::json!({"os-stop": null});
        self.send_to(cx, id, NodeAction::Stop, body, |node| {
            node.state == NodeState::Stopping || (node.state == NodeState::Stopped && !node.busy)
        })
        .await
    }

    /// Reboots a node.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::reboot_node`].
    pub async fn reboot_node(
        &self,
        cx: &Context,
        id: &str,
        kind: cloudfarm_contract::model::RebootKind,
    ) -> Result<()> {
        use cloudfarm_contract::model::RebootKind::{Hard, Soft};
        let kind_text = match kind {
            Soft => "SOFT",
            Hard => "HARD",
        };
        let body = serde_json::json!({"reboot": {"type": kind_text}});
        let acted = self
            .act(cx, id, NodeAction::Reboot, Effect::Once, body)
            .await;
        acted.map(drop).map_err(|error| match kind {
            Soft => soft_only_when_running(error),
            Hard => error,
        })
    }
}

/// Only the hard kind is legal in every state of the table.
fn soft_only_when_running(error: Error) -> Error {
    if error.allowed_states().is_empty() {
        return error;
    }
    error
        .with_allowed_states([NodeState::Running])
        .with_hint("a soft reboot is legal in: running; a hard one brings up more")
}
