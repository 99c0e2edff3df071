//! Every kind of job, by its action.

use std::fmt;
use std::sync::Arc;

use cloudfarm_contract::model::{
    Address, AddressAllocate, Image, ImageCreate, KeyPair, KeyPairCreate, Network, NetworkCreate,
    NodeCreate, NodeSnapshot, NodeSnapshotCreate, Router, RouterCreate, SecurityGroup,
    SecurityGroupCreate, Subnet, SubnetCreate, Volume, VolumeCreate, VolumeSnapshot,
    VolumeSnapshotCreate,
};
use cloudfarm_contract::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::payload::{self, Payload};
use super::{
    AddSecurityRule, AddressChange, Create, Delete, Modify, NodeChange, RemoveSecurityRule,
    RestoreNodeSnapshot, RouterChange, VolumeChange,
};
use crate::jobs::Work;

/// The kinds of jobs that a worker can carry out; by default all those there are.
#[derive(Clone)]
pub struct Kinds(Arc<RestoreAny>);

type RestoreAny = dyn Fn(&str, Value) -> Result<Box<dyn Work>> + Send + Sync;

impl Kinds {
    /// Those that `restore` reads back from their action and payload.
    pub fn new(
        restore: impl Fn(&str, Value) -> Result<Box<dyn Work>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(restore))
    }

    pub(crate) fn restore(&self, action: &str, payload: Value) -> Result<Box<dyn Work>> {
        (self.0)(action, payload)
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::new(restore)
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kinds")
    }
}

type Restore = fn(Value) -> Result<Box<dyn Work>>;

/// How the jobs of each action are read back.
const KINDS: &[(&str, Restore)] = &[
    ("CreateNode", creation::<NodeCreate>),
    ("DestroyNode", node_change),
    ("StartNode", node_change),
    ("StopNode", node_change),
    ("RebootNode", node_change),
    ("UpdateNode", node_change),
    ("ResizeNode", node_change),
    ("ConfirmResize", node_change),
    ("RevertResize", node_change),
    ("RebuildNode", node_change),
    ("SuspendNode", node_change),
    ("ResumeNode", node_change),
    ("PauseNode", node_change),
    ("UnpauseNode", node_change),
    ("ShelveNode", node_change),
    ("UnshelveNode", node_change),
    ("RescueNode", node_change),
    ("UnrescueNode", node_change),
    ("ChangePassword", node_change),
    ("CreateVolume", creation::<VolumeCreate>),
    ("AttachVolume", plain::<Modify<VolumeChange>>),
    ("DetachVolume", plain::<Modify<VolumeChange>>),
    ("ExtendVolume", plain::<Modify<VolumeChange>>),
    ("DeleteVolume", plain::<Delete<Volume>>),
    ("CreateVolumeSnapshot", creation::<VolumeSnapshotCreate>),
    ("DeleteVolumeSnapshot", plain::<Delete<VolumeSnapshot>>),
    ("CreateNodeSnapshot", creation::<NodeSnapshotCreate>),
    ("RestoreNodeSnapshot", plain::<RestoreNodeSnapshot>),
    ("DeleteNodeSnapshot", plain::<Delete<NodeSnapshot>>),
    ("CreateImage", creation::<ImageCreate>),
    ("DeleteImage", plain::<Delete<Image>>),
    ("CreateNetwork", creation::<NetworkCreate>),
    ("DeleteNetwork", plain::<Delete<Network>>),
    ("CreateSubnet", creation::<SubnetCreate>),
    ("DeleteSubnet", plain::<Delete<Subnet>>),
    ("CreateRouter", creation::<RouterCreate>),
    ("UpdateRouter", plain::<Modify<RouterChange>>),
    ("AttachRouterSubnet", plain::<Modify<RouterChange>>),
    ("DetachRouterSubnet", plain::<Modify<RouterChange>>),
    ("DeleteRouter", plain::<Delete<Router>>),
    ("CreateSecurityGroup", creation::<SecurityGroupCreate>),
    ("AddSecurityRule", plain::<AddSecurityRule>),
    ("RemoveSecurityRule", plain::<RemoveSecurityRule>),
    ("DeleteSecurityGroup", plain::<Delete<SecurityGroup>>),
    ("AllocateAddress", creation::<AddressAllocate>),
    ("AssociateAddress", plain::<Modify<AddressChange>>),
    ("DisassociateAddress", plain::<Modify<AddressChange>>),
    ("ReleaseAddress", plain::<Delete<Address>>),
    ("CreateKeyPair", creation::<KeyPairCreate>),
    ("DeleteKeyPair", plain::<Delete<KeyPair>>),
];

/// The work that [`Work::payload`] wrote.
///
/// # Errors
///
/// `internal` if this version does not know the action, or cannot read the payload.
pub fn restore(action: &str, payload: Value) -> Result<Box<dyn Work>> {
    let known = KINDS.iter().find(|(known, _)| *known == action);
    let Some((_, restore)) = known else {
        return Err(Error::internal(format!(
            "this version does not know the action {action:?}"
        )));
    };
    restore(payload)
}

/// Every action there is.
pub fn actions() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(action, _)| *action)
}

fn creation<C: super::Creation>(payload: Value) -> Result<Box<dyn Work>> {
    Ok(Box::new(Create::<C>::from_payload(payload)?))
}

fn node_change(payload: Value) -> Result<Box<dyn Work>> {
    Ok(Box::new(NodeChange::from_payload(payload)?))
}

fn plain<W: Work + DeserializeOwned>(payload: Value) -> Result<Box<dyn Work>> {
    Ok(Box::new(payload::read::<W>(payload)?))
}
