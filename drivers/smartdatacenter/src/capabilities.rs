//! What SmartDataCenter can do.

use cloudfarm_contract::model::{NodeAction as Action, NodeActionTable, NodeState};
use cloudfarm_contract::{Capabilities, Extensions};

use NodeState::{Error, Pending, Rebooting, Running, Starting, Stopped, Stopping, Unknown};

/// The states of a machine that is there.
const THERE: &[NodeState] = &[
    Pending, Running, Stopping, Stopped, Starting, Rebooting, Error, Unknown,
];

/// Which action CloudAPI takes in which state.
pub(crate) const NODE_ACTIONS: NodeActionTable = NodeActionTable::EMPTY
    .allow(Action::Start, &[Stopped])
    .allow(Action::Stop, &[Running])
    .allow(Action::Reboot, &[Running])
    .allow(Action::Rename, &[Running, Stopped])
    .allow(Action::Destroy, THERE)
    .allow(Action::Resize, &[Running, Stopped])
    .allow(Action::SetMetadata, &[Running, Stopped])
    .allow(Action::Snapshot, &[Running, Stopped]);

/// What a data centre can do. Which extensions there are the driver says.
pub(crate) fn capabilities(extensions: Extensions) -> Capabilities {
    Capabilities {
        extensions,
        node_actions: NODE_ACTIONS,
        // CloudAPI knows no client token: a job looks for its mark.
        node_create_idempotent: false,
        // A cloud is one data centre.
        node_create_with_location: false,
        // Every key of the account is put on every machine.
        node_create_with_key_pair: false,
        node_create_with_user_data: true,
        node_create_with_admin_password: false,
        node_create_with_metadata: true,
        node_create_with_networks: true,
        node_create_with_fixed_ip: true,
        node_create_with_security_groups: true,
        node_create_with_root_volume: false,
        node_reboot_hard: false,
        key_pair_create_generated: false,
        key_pair_create_imported: true,
        volume_create_with_snapshot: false,
        volume_create_with_image: false,
        volume_extend: false,
        network_create: true,
        subnet_create: true,
        page_limit_max: Some(crate::list::PAGE_MAX),
        node_lookup_batch_max: None,
        // A label of a name in the DNS.
        node_name_length_max: Some(63),
        node_metadata_items_max: None,
        node_metadata_key_length_max: Some(255),
        node_metadata_value_length_max: Some(255),
        node_user_data_bytes_max: None,
        volume_size_gb_max: None,
    }
}
