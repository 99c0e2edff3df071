//! Actions of a machine: one address, told apart by a parameter.

use cloudfarm_contract::extensions::Resize;
use cloudfarm_contract::model::{Node, NodeAction, NodeState};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result, async_trait};
use cloudfarm_http::Response;

use super::Machines;
use crate::call::Call;
use crate::errors::{about_field, not_found_if_malformed};

impl Machines {
    async fn act(
        &self,
        cx: &Context,
        id: &str,
        name: &'static str,
        effect: Effect,
        parameter: Option<(&'static str, &str)>,
    ) -> Result<Response> {
        let mut call = Call::post(&["machines", id], effect).query("action", name);
        if let Some((parameter, value)) = parameter {
            call = call.query(parameter, value);
        }
        self.session.ask(cx, &call).await
    }

    /// Sends a machine to a state. That it is there, or on its way, is no reason to refuse.
    async fn send_to(
        &self,
        cx: &Context,
        id: &str,
        (name, action): (&'static str, NodeAction),
        is_there: impl Fn(&Node) -> bool + Send,
    ) -> Result<()> {
        let Err(error) = self.act(cx, id, name, Effect::Idempotent, None).await else {
            return Ok(());
        };
        if !matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Invalid) {
            return Err(error);
        }
        match self.get_node(cx, id).await {
            Ok(node) if is_there(&node) => Ok(()),
            Err(gone) if gone.kind() == ErrorKind::NotFound => Err(gone),
            _ => Err(self.refused(error, action)),
        }
    }

    pub(crate) async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(cx, id, ("start", NodeAction::Start), |node| {
            matches!(
                node.state,
                NodeState::Running | NodeState::Pending | NodeState::Rebooting
            )
        })
        .await
    }

    pub(crate) async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(cx, id, ("stop", NodeAction::Stop), |node| {
            matches!(node.state, NodeState::Stopped | NodeState::Stopping)
        })
        .await
    }

    pub(crate) async fn reboot_node(&self, cx: &Context, id: &str) -> Result<()> {
        let accepted = self.act(cx, id, "reboot", Effect::Once, None).await;
        let accepted = accepted
            .map_err(not_found_if_malformed)
            .map_err(|error| self.refused(error, NodeAction::Reboot))?;
        self.settled(cx, id, "reboot", &accepted).await
    }

    pub(crate) async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        let renamed = self
            .act(cx, id, "rename", Effect::Idempotent, Some(("name", name)))
            .await;
        let accepted = match renamed {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::Invalid => {
                // What is wrong may be the id as well.
                self.get_machine(cx, id).await?;
                return Err(error.with_field("name"));
            }
            Err(error) => return Err(error),
        };
        self.settled(cx, id, "rename", &accepted).await
    }

    /// Why a machine did not get its size: CloudAPI answers to an unknown one as to an unknown
    /// machine.
    async fn resize_refused(&self, cx: &Context, id: &str, error: Error) -> Error {
        if !matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound) {
            return self.refused(error, NodeAction::Resize);
        }
        match self.get_machine(cx, id).await {
            Ok(_) => about_field(&error, "size"),
            Err(gone) => gone,
        }
    }
}

#[async_trait]
impl Resize for Machines {
    async fn resize_node(&self, cx: &Context, id: &str, size: &str) -> Result<()> {
        let resized = self
            .act(cx, id, "resize", Effect::Once, Some(("package", size)))
            .await;
        let accepted = match resized {
            Ok(accepted) => accepted,
            Err(error) => return Err(self.resize_refused(cx, id, error).await),
        };
        self.settled(cx, id, "resize", &accepted).await
    }
}
