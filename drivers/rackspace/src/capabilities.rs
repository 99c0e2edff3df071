//! What Rackspace's public cloud can do.

use cloudfarm_contract::model::{NodeAction as Action, NodeActionTable, NodeState};
use cloudfarm_contract::{Capabilities, Extensions};

use NodeState::{
    Error, Migrating, Paused, Pending, Rebooting, Reconfiguring, Rescued, Running, Starting,
    Stopped, Stopping, Suspended, Unknown, VerifyResize,
};

/// The states of a node that is there.
const THERE: &[NodeState] = &[
    Pending,
    Running,
    Stopping,
    Stopped,
    Starting,
    Rebooting,
    Suspended,
    Paused,
    Reconfiguring,
    VerifyResize,
    Rescued,
    Migrating,
    Error,
    Unknown,
];

/// Which action is taken in which state. It is Rackspace's people alone who suspend a node.
pub(crate) const NODE_ACTIONS: NodeActionTable = NodeActionTable::EMPTY
    .allow(Action::Start, &[Stopped])
    .allow(Action::Stop, &[Running, Error])
    .allow(Action::Reboot, &[Running, Stopped, Error])
    .allow(Action::Rename, THERE)
    .allow(Action::Destroy, THERE)
    .allow(Action::Resize, &[Running, Stopped])
    .allow(Action::ConfirmResize, &[VerifyResize])
    .allow(Action::RevertResize, &[VerifyResize])
    .allow(Action::Rebuild, &[Running, Stopped, Error])
    .allow(Action::Rescue, &[Running, Stopped, Error])
    .allow(Action::Unrescue, &[Rescued])
    .allow(Action::ChangePassword, &[Running])
    .allow(Action::SetMetadata, &[Running, Stopped])
    .allow(Action::Snapshot, &[Running, Stopped])
    .allow(Action::AttachVolume, &[Running, Stopped, VerifyResize])
    .allow(Action::DetachVolume, &[Running, Stopped, VerifyResize]);

/// A node has 40 items of metadata at most, and one is the mark.
const METADATA_ITEMS: u32 = 39;

/// What the public cloud can do. Which extensions there are the driver says.
pub(crate) fn capabilities(extensions: Extensions) -> Capabilities {
    Capabilities {
        extensions,
        node_actions: NODE_ACTIONS,
        node_create_with_key_pair: true,
        node_create_with_user_data: true,
        node_create_with_admin_password: true,
        node_create_with_metadata: true,
        node_create_with_networks: true,
        node_create_with_root_volume: true,
        node_reboot_hard: true,
        key_pair_create_generated: true,
        key_pair_create_imported: true,
        volume_create_with_snapshot: true,
        volume_create_with_image: true,
        network_create: true,
        page_limit_max: Some(1000),
        node_name_length_max: Some(255),
        node_metadata_items_max: Some(METADATA_ITEMS),
        node_metadata_key_length_max: Some(255),
        node_metadata_value_length_max: Some(255),
        // 65,535 bytes in base64.
        node_user_data_bytes_max: Some(49_149),
        ..Capabilities::CORE
    }
}
