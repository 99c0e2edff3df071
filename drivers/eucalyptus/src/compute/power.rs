//! Start, stop, reboot.

use cloudfarm_contract::model::{Node, NodeAction, NodeState};
use cloudfarm_contract::{Context, Error, ErrorKind, Result};

use super::checked;
use crate::driver::Ec2Driver;
use crate::errors::{again, is_code};
use crate::query::Query;

impl Ec2Driver {
    pub(crate) async fn start(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Query::change("StartInstances").list("InstanceId", [checked(id)?]);
        let result = self.session.act(cx, call).await;
        self.settled(cx, id, NodeAction::Start, result).await
    }

    pub(crate) async fn stop(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Query::change("StopInstances").list("InstanceId", [checked(id)?]);
        let result = self.session.act(cx, call).await;
        self.settled(cx, id, NodeAction::Stop, result).await
    }

    pub(crate) async fn reboot(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Query::once("RebootInstances").list("InstanceId", [checked(id)?]);
        let result = self.session.act(cx, call).await;
        self.settled(cx, id, NodeAction::Reboot, result).await
    }

    /// Makes of a refusal what it is: already so, not in this state, not known yet.
    pub(super) async fn settled(
        &self,
        cx: &Context,
        id: &str,
        action: NodeAction,
        result: Result<()>,
    ) -> Result<()> {
        let Err(error) = result else { return Ok(()) };
        if error.kind() == ErrorKind::NotFound {
            let is_new = self.newborns.get(id, self.session.now()).is_some();
            return Err(if is_new {
                self.not_yet(id, &error)
            } else {
                error
            });
        }
        let about_state = [
            "IncorrectInstanceState",
            "IncorrectState",
            "UnsupportedOperation",
        ];
        if !is_code(&error, &about_state) {
            return Err(error);
        }
        match self.node(cx, id).await {
            Ok(node) if is_as_wanted(action, &node) => Ok(()),
            _ => Err(self.with_states(error, action)),
        }
    }

    fn with_states(&self, error: Error, action: NodeAction) -> Error {
        if error.kind() != ErrorKind::Conflict {
            return error;
        }
        let states = self.can().node_actions.states(action);
        let names: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let hint = format!("{action} is legal in: {}", names.join(", "));
        again(&error, ErrorKind::Conflict)
            .with_allowed_states(states)
            .with_hint(hint)
    }
}

fn is_as_wanted(action: NodeAction, node: &Node) -> bool {
    match action {
        NodeAction::Start => matches!(node.state, NodeState::Running | NodeState::Pending),
        NodeAction::Stop => matches!(node.state, NodeState::Stopped | NodeState::Stopping),
        _ => false,
    }
}
