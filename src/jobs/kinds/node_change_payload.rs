//! A change of a node as another process reads it.

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{RebootKind, RebuildRequest, RescueRequest};
use cloudfarm_contract::{Error, Result, Secret, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::node_change::{Change, NodeChange};
use super::payload::{self, Payload, in_clear};
use crate::jobs::Work;

#[derive(Default, Serialize, Deserialize)]
struct NodeChangePayload {
    cloud: Text,
    node: Text,
    change: Text,
    #[serde(flatten)]
    with: With,
}

/// What the changes need beside the node.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct With {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<RebootKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<MetadataChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Text>,
    #[serde(with = "in_clear", skip_serializing_if = "Option::is_none")]
    password: Option<Secret>,
    #[serde(with = "in_clear", skip_serializing_if = "Option::is_none")]
    user_data: Option<Secret>,
}

impl Payload for NodeChange {
    fn to_payload(&self) -> Result<Value> {
        payload::write(&NodeChangePayload {
            cloud: self.cloud.clone(),
            node: self.node.clone(),
            change: Text::from_static(self.action()),
            with: With::of(self.change.clone()),
        })
    }

    fn from_payload(payload: Value) -> Result<Self> {
        let payload: NodeChangePayload = payload::read(payload)?;
        Ok(Self {
            cloud: payload.cloud,
            node: payload.node,
            change: payload.with.change(&payload.change)?,
        })
    }
}

impl With {
    fn of(change: Change) -> Self {
        match change {
            Change::Reboot(kind) => Self {
                kind: Some(kind),
                ..Self::default()
            },
            Change::Update { name, metadata } => Self {
                name,
                metadata,
                ..Self::default()
            },
            Change::Resize(size) => Self {
                size: Some(size),
                ..Self::default()
            },
            Change::Rebuild(request) => Self {
                image: Some(request.image),
                password: request.admin_password,
                user_data: request.user_data,
                ..Self::default()
            },
            Change::Rescue(request) => Self {
                image: request.image,
                password: request.admin_password,
                ..Self::default()
            },
            Change::ChangePassword(password) => Self {
                password: Some(password),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    fn change(self, action: &str) -> Result<Change> {
        Ok(match action {
            "DestroyNode" => Change::Destroy,
            "StartNode" => Change::Start,
            "StopNode" => Change::Stop,
            "RebootNode" => Change::Reboot(self.kind.unwrap_or_default()),
            "UpdateNode" => Change::Update {
                name: self.name,
                metadata: self.metadata,
            },
            "ResizeNode" => Change::Resize(needed(self.size)?),
            "ConfirmResize" => Change::ConfirmResize,
            "RevertResize" => Change::RevertResize,
            "RebuildNode" => Change::Rebuild(RebuildRequest {
                image: needed(self.image)?,
                admin_password: self.password,
                user_data: self.user_data,
            }),
            "SuspendNode" => Change::Suspend,
            "ResumeNode" => Change::Resume,
            "PauseNode" => Change::Pause,
            "UnpauseNode" => Change::Unpause,
            "ShelveNode" => Change::Shelve,
            "UnshelveNode" => Change::Unshelve,
            "RescueNode" => Change::Rescue(RescueRequest {
                image: self.image,
                admin_password: self.password,
            }),
            "UnrescueNode" => Change::Unrescue,
            "ChangePassword" => Change::ChangePassword(needed(self.password)?),
            _ => return Err(Error::internal("the job could not be read by this version")),
        })
    }
}

fn needed<T>(part: Option<T>) -> Result<T> {
    part.ok_or_else(|| Error::internal("the job could not be read by this version"))
}
