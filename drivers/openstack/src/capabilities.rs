//! What OpenStack can do.

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

/// Which action Nova takes in which state.
pub(crate) const NODE_ACTIONS: NodeActionTable = NodeActionTable::EMPTY
    .allow(Action::Start, &[Stopped])
    .allow(Action::Stop, &[Running, Error])
    .allow(
        Action::Reboot,
        &[Running, Stopped, Paused, Suspended, Error],
    )
    .allow(Action::Rename, THERE)
    .allow(Action::Destroy, THERE)
    .allow(Action::Resize, &[Running, Stopped])
    .allow(Action::ConfirmResize, &[VerifyResize])
    .allow(Action::RevertResize, &[VerifyResize])
    .allow(Action::Rebuild, &[Running, Stopped, Error])
    .allow(Action::Suspend, &[Running])
    .allow(Action::Resume, &[Suspended])
    .allow(Action::Pause, &[Running])
    .allow(Action::Unpause, &[Paused])
    .allow(Action::Shelve, &[Running, Stopped, Paused, Suspended])
    .allow(Action::Unshelve, &[Suspended])
    .allow(Action::Rescue, &[Running, Stopped, Error])
    .allow(Action::Unrescue, &[Rescued])
    .allow(Action::ChangePassword, &[Running])
    .allow(Action::SetMetadata, &[Running, Stopped, Paused, Suspended])
    .allow(Action::Snapshot, &[Running, Stopped, Paused, Suspended])
    .allow(
        Action::AttachVolume,
        &[Running, Stopped, Paused, Suspended, VerifyResize],
    )
    .allow(
        Action::DetachVolume,
        &[Running, Stopped, Paused, Suspended, VerifyResize],
    )
    .allow(
        Action::AssociateAddress,
        &[Running, Stopped, Paused, Suspended, VerifyResize, Rescued],
    );

/// What a cloud with the usual services can do. Which extensions there are the driver says.
pub(crate) fn capabilities(extensions: Extensions) -> Capabilities {
    Capabilities {
        extensions,
        node_actions: NODE_ACTIONS,
        // Nova knows no client token: a job looks for its mark.
        node_create_idempotent: false,
        node_create_with_location: true,
        node_create_with_key_pair: true,
        node_create_with_user_data: true,
        node_create_with_admin_password: true,
        node_create_with_metadata: true,
        node_create_with_networks: true,
        node_create_with_fixed_ip: true,
        node_create_with_security_groups: true,
        node_create_with_root_volume: true,
        node_reboot_hard: true,
        key_pair_create_generated: true,
        key_pair_create_imported: true,
        volume_create_with_snapshot: true,
        volume_create_with_image: true,
        volume_extend: true,
        network_create: true,
        subnet_create: true,
        page_limit_max: Some(crate::list::PAGE_MAX),
        node_lookup_batch_max: None,
        node_name_length_max: Some(255),
        // A quota, which a cloud may set otherwise.
        node_metadata_items_max: None,
        node_metadata_key_length_max: Some(255),
        node_metadata_value_length_max: Some(255),
        // 65,535 bytes in base64.
        node_user_data_bytes_max: Some(49_149),
        volume_size_gb_max: None,
    }
}
