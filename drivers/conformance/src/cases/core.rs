use cloudfarm_contract::model::{NodeAction, NodeState};
use cloudfarm_contract::{Capabilities, Extensions};

use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure};

cases! {
    capabilities_agree_with_accessors;
    check_succeeds;
}

async fn capabilities_agree_with_accessors(bench: &Bench) -> Outcome {
    let can = bench.can();
    let accessors = Extensions::of(bench.driver());
    ensure!(
        can.extensions == accessors,
        "the capabilities say {:?}, the accessors {accessors:?}",
        can.extensions
    );
    let mut wrong = Vec::new();
    dependencies(can, &mut wrong);
    actions(can, &mut wrong);
    limits(can, &mut wrong);
    identity(bench, &mut wrong);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(wrong.join("; ")))
    }
}

/// What makes no sense without something else.
fn dependencies(can: &Capabilities, wrong: &mut Vec<String>) {
    let has = can.extensions;
    let generated_or_imported = can.key_pair_create_generated || can.key_pair_create_imported;
    let pairs = [
        (
            "resize_confirmation",
            has.resize_confirmation,
            "resize",
            has.resize,
        ),
        (
            "volume_snapshots",
            has.volume_snapshots,
            "volumes",
            has.volumes,
        ),
        (
            "network_create",
            can.network_create,
            "networks",
            has.networks,
        ),
        ("subnet_create", can.subnet_create, "networks", has.networks),
        ("volume_extend", can.volume_extend, "volumes", has.volumes),
        (
            "volume_create_with_image",
            can.volume_create_with_image,
            "volumes",
            has.volumes,
        ),
        (
            "volume_create_with_snapshot",
            can.volume_create_with_snapshot,
            "volume_snapshots",
            has.volume_snapshots,
        ),
        (
            "key_pair_create_*",
            generated_or_imported,
            "key_pairs",
            has.key_pairs,
        ),
        (
            "key_pairs",
            has.key_pairs,
            "key_pair_create_*",
            generated_or_imported,
        ),
        (
            "node_create_with_fixed_ip",
            can.node_create_with_fixed_ip,
            "node_create_with_networks",
            can.node_create_with_networks,
        ),
    ];
    for (what, there, needed, needed_there) in pairs {
        if there && !needed_there {
            wrong.push(format!("{what} without {needed}"));
        }
    }
}

/// An action is legal somewhere exactly if the cloud has what it belongs to.
fn actions(can: &Capabilities, wrong: &mut Vec<String>) {
    for action in NodeAction::ALL {
        let legal = !can.node_actions.states(*action).is_empty();
        if legal != belongs(can, *action) {
            let there = if legal { "has" } else { "does not have" };
            wrong.push(format!(
                "node_actions {there} {action}, which the other capabilities contradict"
            ));
        }
    }
    for action in [NodeAction::Stop, NodeAction::Reboot, NodeAction::Destroy] {
        if !can.node_actions.allows(action, NodeState::Running) {
            wrong.push(format!("a running node does not allow {action}"));
        }
    }
    if !can
        .node_actions
        .allows(NodeAction::Start, NodeState::Stopped)
    {
        wrong.push("a stopped node does not allow start".to_owned());
    }
}

fn belongs(can: &Capabilities, action: NodeAction) -> bool {
    let has = can.extensions;
    match action {
        NodeAction::Start
        | NodeAction::Stop
        | NodeAction::Reboot
        | NodeAction::Rename
        | NodeAction::Destroy => true,
        NodeAction::Resize => has.resize,
        NodeAction::ConfirmResize | NodeAction::RevertResize => has.resize_confirmation,
        NodeAction::Rebuild => has.rebuild,
        NodeAction::Suspend | NodeAction::Resume => has.suspend,
        NodeAction::Pause | NodeAction::Unpause => has.pause,
        NodeAction::Shelve | NodeAction::Unshelve => has.shelve,
        NodeAction::Rescue | NodeAction::Unrescue => has.rescue,
        NodeAction::ChangePassword => has.node_password,
        NodeAction::SetMetadata => has.node_metadata,
        NodeAction::Snapshot => has.node_snapshots || has.node_images,
        NodeAction::AttachVolume | NodeAction::DetachVolume => has.volumes,
        NodeAction::AssociateAddress => has.addresses,
    }
}

fn limits(can: &Capabilities, wrong: &mut Vec<String>) {
    let limits = [
        ("page_limit_max", can.page_limit_max),
        ("node_lookup_batch_max", can.node_lookup_batch_max),
        ("node_name_length_max", can.node_name_length_max),
        (
            "node_metadata_key_length_max",
            can.node_metadata_key_length_max,
        ),
        (
            "node_metadata_value_length_max",
            can.node_metadata_value_length_max,
        ),
    ];
    for (name, limit) in limits {
        if limit == Some(0) {
            wrong.push(format!("{name} is 0"));
        }
    }
}

fn identity(bench: &Bench, wrong: &mut Vec<String>) {
    let info = bench.driver().info();
    for (name, text) in [("cloud", &info.cloud), ("engine", &info.engine)] {
        if text.is_empty() {
            wrong.push(format!("info() has no {name}"));
        }
    }
    // `https://user:password@host` is how a secret gets into an address.
    if info
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| endpoint.contains('@'))
    {
        wrong.push("the endpoint of info() holds credentials".to_owned());
    }
}

async fn check_succeeds(bench: &Bench) -> Outcome {
    Ok(bench.driver().check(&bench.cx()).await?)
}
