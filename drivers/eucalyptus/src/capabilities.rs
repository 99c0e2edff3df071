//! What EC2 and Eucalyptus can do.

use cloudfarm_contract::model::NodeState::{Error, Pending, Running, Stopped, Stopping, Unknown};
use cloudfarm_contract::model::{NodeAction as Action, NodeActionTable, NodeState};
use cloudfarm_contract::{Capabilities, Extensions};

use crate::Flavour;
use crate::compute::lookups::BATCH_MAX;
use crate::list::PAGE_MAX;

/// The states of a node that is there.
const THERE: &[NodeState] = &[Pending, Running, Stopping, Stopped, Error, Unknown];

/// Which action the cloud takes in which state.
pub(crate) const NODE_ACTIONS: NodeActionTable = NodeActionTable::EMPTY
    .allow(Action::Start, &[Stopped])
    .allow(Action::Stop, &[Running])
    .allow(Action::Reboot, &[Running])
    .allow(Action::Rename, THERE)
    .allow(Action::Destroy, THERE)
    // The type of an instance is changed while it is stopped.
    .allow(Action::Resize, &[Stopped])
    .allow(Action::SetMetadata, THERE)
    .allow(Action::Snapshot, &[Running, Stopped])
    .allow(Action::AttachVolume, &[Running, Stopped])
    .allow(Action::DetachVolume, &[Running, Stopped])
    .allow(Action::AssociateAddress, &[Running, Stopped]);

/// Which extensions there are the driver says.
pub(crate) fn capabilities(flavour: Flavour, vpc: bool, extensions: Extensions) -> Capabilities {
    Capabilities {
        extensions,
        node_actions: NODE_ACTIONS,
        node_create_idempotent: true,
        node_create_with_location: true,
        node_create_with_key_pair: true,
        node_create_with_user_data: true,
        node_create_with_admin_password: false,
        node_create_with_metadata: true,
        node_create_with_networks: vpc,
        node_create_with_fixed_ip: vpc,
        node_create_with_security_groups: true,
        node_create_with_root_volume: true,
        node_reboot_hard: false,
        key_pair_create_generated: true,
        key_pair_create_imported: true,
        volume_create_with_snapshot: true,
        volume_create_with_image: false,
        volume_extend: flavour == Flavour::Ec2,
        network_create: vpc,
        subnet_create: vpc,
        page_limit_max: Some(PAGE_MAX),
        node_lookup_batch_max: Some(BATCH_MAX as u32),
        // The name is a tag, and so are the items of metadata and the mark.
        node_name_length_max: Some(255),
        node_metadata_items_max: Some(48),
        node_metadata_key_length_max: Some(127),
        node_metadata_value_length_max: Some(255),
        node_user_data_bytes_max: Some(16_384),
        volume_size_gb_max: Some(65_536),
    }
}
