//! Volumes on nodes: Nova attaches what Cinder keeps.

use cloudfarm_contract::model::{NodeAction, VolumeAttach};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result};
use serde_json::{Value, json};

use super::Compute;
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;

impl Compute {
    /// Asks Nova to attach a volume to a node.
    pub(crate) async fn attach(&self, cx: &Context, volume: &str, to: &VolumeAttach) -> Result<()> {
        let mut attachment = json!({"volumeId": volume});
        if let Some(device) = &to.device {
            attachment["device"] = Value::from(device.as_str());
        }
        let call = Call::post(
            &["servers", &to.node, "os-volume_attachments"],
            Effect::Idempotent,
            json!({"volumeAttachment": attachment}),
        );
        let attached = self.session.ask(cx, COMPUTE, &call).await;
        attached
            .map(drop)
            .map_err(|error| self.not_attached(error, NodeAction::AttachVolume))
    }

    /// Asks Nova to detach a volume from a node.
    pub(crate) async fn detach(&self, cx: &Context, volume: &str, node: &str) -> Result<()> {
        let call = Call::delete(&["servers", node, "os-volume_attachments", volume]);
        let detached = self.session.ask(cx, COMPUTE, &call).await;
        detached
            .map(drop)
            .map_err(|error| self.not_attached(error, NodeAction::DetachVolume))
    }

    fn not_attached(&self, error: Error, action: NodeAction) -> Error {
        // Only what is about the node's state says which states would do.
        if error.kind() == ErrorKind::Conflict && crate::errors::says(&error, &["vm_state"]) {
            return self.refused(error, action);
        }
        error
    }
}
