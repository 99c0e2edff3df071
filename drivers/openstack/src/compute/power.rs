//! Suspend, pause, shelve, rescue.

use cloudfarm_contract::extensions::{Pause, Rescue, Shelve, Suspend};
use cloudfarm_contract::model::{NodeAction, NodeSecrets, NodeState, RescueRequest};
use cloudfarm_contract::{Context, Effect, ErrorKind, Result, Secret, async_trait};
use cloudfarm_http::Response;
use serde_json::{Value, json};

use super::Compute;
use crate::errors::{about_field, says};

fn is_shelved(native_state: &str) -> bool {
    native_state.starts_with("SHELVED")
}

#[async_trait]
impl Suspend for Compute {
    async fn suspend_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(
            cx,
            id,
            NodeAction::Suspend,
            json!({"suspend": null}),
            |node| node.native_state == "SUSPENDED" && !node.busy,
        )
        .await
    }

    async fn resume_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(
            cx,
            id,
            NodeAction::Resume,
            json!({"resume": null}),
            |node| node.state == NodeState::Running && !node.busy,
        )
        .await
    }
}

#[async_trait]
impl Pause for Compute {
    async fn pause_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(cx, id, NodeAction::Pause, json!({"pause": null}), |node| {
            node.state == NodeState::Paused && !node.busy
        })
        .await
    }

    async fn unpause_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(
            cx,
            id,
            NodeAction::Unpause,
            json!({"unpause": null}),
            |node| node.state == NodeState::Running && !node.busy,
        )
        .await
    }
}

#[async_trait]
impl Shelve for Compute {
    async fn shelve_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(
            cx,
            id,
            NodeAction::Shelve,
            json!({"shelve": null}),
            |node| is_shelved(&node.native_state),
        )
        .await
    }

    async fn unshelve_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.send_to(
            cx,
            id,
            NodeAction::Unshelve,
            json!({"unshelve": null}),
            |node| node.state == NodeState::Running && !node.busy,
        )
        .await
    }
}

#[async_trait]
impl Rescue for Compute {
    async fn rescue_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RescueRequest,
    ) -> Result<NodeSecrets> {
        let mut rescue = json!({});
        if let Some(image) = &request.image {
            rescue["rescue_image_ref"] = Value::from(image.as_str());
        }
        if let Some(password) = &request.admin_password {
            rescue["adminPass"] = Value::from(password.expose());
        }
        let body = json!({"rescue": rescue});
        match self
            .act(cx, id, NodeAction::Rescue, Effect::Once, body)
            .await
        {
            Ok(response) => Ok(secrets(&response)),
            Err(error) if is_about_image(&error, request.image.is_some()) => {
                Err(about_field(&error, "image"))
            }
            Err(error) => Err(error),
        }
    }

    async fn unrescue_node(&self, cx: &Context, id: &str) -> Result<()> {
        let body = json!({"unrescue": null});
        let acted = self
            .act(cx, id, NodeAction::Unrescue, Effect::Once, body)
            .await;
        acted.map(drop)
    }
}

fn is_about_image(error: &cloudfarm_contract::Error, given: bool) -> bool {
    given
        && matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound)
        && says(error, &["image"])
}

/// The administrator's password that an action chose. It comes only now, so an answer that cannot
/// be read is not a reason to lose what was done.
pub(super) fn secrets(response: &Response) -> NodeSecrets {
    let body: Value = serde_json::from_slice(response.bytes()).unwrap_or_default();
    let password = body
        .get("adminPass")
        .or_else(|| body.get("server")?.get("adminPass"))
        .and_then(Value::as_str)
        .filter(|password| !password.is_empty());
    NodeSecrets {
        admin_password: password.map(Secret::from),
    }
}
