//! What the dummy cloud can do: everything, up to some limits.

use cloudfarm_contract::model::{NodeAction, NodeActionTable, NodeActions, NodeState};
use cloudfarm_contract::{Capabilities, Extensions};

use crate::states::Status;
use crate::view::PAGE_MAX;

use NodeAction as Action;
use NodeState::{
    Error, Migrating, Paused, Pending, Rebooting, Reconfiguring, Rescued, Running, Starting,
    Stopped, Stopping, Suspended, VerifyResize,
};

/// The states that a node does not leave by itself.
const SETTLED: &[NodeState] = &[
    Running,
    Stopped,
    Suspended,
    Paused,
    VerifyResize,
    Rescued,
    Error,
];

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
];

const ACTIONS: NodeActionTable = NodeActionTable::EMPTY
    .allow(Action::Start, &[Stopped])
    .allow(Action::Stop, &[Running])
    .allow(Action::Reboot, &[Running])
    .allow(Action::Rename, SETTLED)
    .allow(Action::Destroy, THERE)
    .allow(Action::Resize, &[Running, Stopped])
    .allow(Action::ConfirmResize, &[VerifyResize])
    .allow(Action::RevertResize, &[VerifyResize])
    .allow(Action::Rebuild, &[Running, Stopped, Error])
    .allow(Action::Suspend, &[Running])
    .allow(Action::Resume, &[Suspended])
    .allow(Action::Pause, &[Running])
    .allow(Action::Unpause, &[Paused])
    .allow(Action::Shelve, &[Running, Stopped])
    .allow(Action::Unshelve, &[Suspended])
    .allow(Action::Rescue, &[Running, Stopped])
    .allow(Action::Unrescue, &[Rescued])
    .allow(Action::ChangePassword, &[Running])
    .allow(Action::SetMetadata, SETTLED)
    .allow(Action::Snapshot, &[Running, Stopped, Paused, Suspended])
    .allow(Action::AttachVolume, &[Running, Stopped, Paused])
    .allow(Action::DetachVolume, &[Running, Stopped, Paused])
    .allow(
        Action::AssociateAddress,
        &[Running, Stopped, Paused, Suspended, Rescued, VerifyResize],
    );

/// The capabilities of a cloud that does or does not honour marks.
pub(crate) fn capabilities(extensions: Extensions, idempotent: bool) -> Capabilities {
    Capabilities {
        extensions,
        node_actions: ACTIONS,
        node_create_idempotent: idempotent,
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
        page_limit_max: Some(PAGE_MAX),
        node_lookup_batch_max: None,
        node_name_length_max: Some(255),
        node_metadata_items_max: Some(128),
        node_metadata_key_length_max: Some(255),
        node_metadata_value_length_max: Some(255),
        node_user_data_bytes_max: Some(65_535),
        volume_size_gb_max: Some(16_384),
    }
}

/// What is legal for a node in each status, worked out once because every list asks for it.
#[derive(Debug)]
pub(crate) struct LegalActions(Vec<[NodeActions; 2]>);

impl LegalActions {
    pub(crate) fn new(capabilities: &Capabilities) -> Self {
        let rows = Status::ALL.iter().map(|status| {
            [false, true].map(|busy| {
                let actions = capabilities.actions(status.state(), busy);
                actions
                    .iter()
                    .filter(|action| fits(*status, *action))
                    .collect()
            })
        });
        Self(rows.collect())
    }

    pub(crate) fn of(&self, status: Status, busy: bool) -> NodeActions {
        self.0[status as usize][usize::from(busy)]
    }
}

/// Two natives share the neutral state `suspended`, and each comes back by its own action alone.
fn fits(status: Status, action: Action) -> bool {
    match status {
        Status::Suspended => action != Action::Unshelve,
        Status::Shelved => action != Action::Resume,
        _ => true,
    }
}
