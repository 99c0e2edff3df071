//! Every operation of the contract as a call. One that is not called here fails every test that goes
//! through all of them.

use cloudfarm_contract::extensions::{ConsoleKind, ConsoleRead, MetadataChange};
use cloudfarm_contract::model::*;
use cloudfarm_contract::{
    Context, Driver, ImageQuery, ListQuery, NodeQuery, Operation, Result, Secret,
};

/// Makes the call with arguments that no capability forbids.
pub(crate) async fn call(driver: &dyn Driver, cx: &Context, operation: Operation) -> Result<()> {
    match operation.extension() {
        None => core(driver, cx, operation).await,
        Some(_) => extension(driver, cx, operation).await,
    }
}

async fn core(driver: &dyn Driver, cx: &Context, operation: Operation) -> Result<()> {
    let list = ListQuery::default();
    match operation {
        Operation::Check => driver.check(cx).await,
        Operation::ListNodes => driver.list_nodes(cx, &NodeQuery::all()).await.map(drop),
        Operation::GetNode => driver.get_node(cx, "n1").await.map(drop),
        Operation::CreateNode => driver
            .create_node(cx, &NodeCreate::default())
            .await
            .map(drop),
        Operation::RenameNode => driver.rename_node(cx, "n1", "web").await,
        Operation::DestroyNode => driver.destroy_node(cx, "n1").await,
        Operation::StartNode => driver.start_node(cx, "n1").await,
        Operation::StopNode => driver.stop_node(cx, "n1").await,
        Operation::RebootNode => driver.reboot_node(cx, "n1", &RebootKind::Hard).await,
        Operation::ListImages => driver
            .list_images(cx, &ImageQuery::default())
            .await
            .map(drop),
        Operation::GetImage => driver.get_image(cx, "i1").await.map(drop),
        Operation::ListSizes => driver.list_sizes(cx, &list).await.map(drop),
        Operation::ListLocations => driver.list_locations(cx, &list).await.map(drop),
        other => panic!("{other:?} belongs to the core and is not called"),
    }
}

/// `call!(driver.volumes().get_volume(cx, "v1"))`
macro_rules! call {
    ($driver:ident.$accessor:ident().$method:ident($($arg:expr),*)) => {
        $driver.$accessor().unwrap().$method($($arg),*).await.map(drop)
    };
}

async fn extension(driver: &dyn Driver, cx: &Context, operation: Operation) -> Result<()> {
    let list = &ListQuery::default();
    match operation {
        Operation::ListKeyPairs => call!(driver.key_pairs().list_key_pairs(cx, list)),
        Operation::GetKeyPair => call!(driver.key_pairs().get_key_pair(cx, "k1")),
        Operation::CreateKeyPair => {
            call!(
                driver
                    .key_pairs()
                    .create_key_pair(cx, &KeyPairCreate::default())
            )
        }
        Operation::DeleteKeyPair => call!(driver.key_pairs().delete_key_pair(cx, "k1")),
        Operation::ListVolumes => call!(driver.volumes().list_volumes(cx, list)),
        Operation::GetVolume => call!(driver.volumes().get_volume(cx, "v1")),
        Operation::CreateVolume => {
            call!(driver.volumes().create_volume(cx, &VolumeCreate::default()))
        }
        Operation::DeleteVolume => call!(driver.volumes().delete_volume(cx, "v1")),
        Operation::ExtendVolume => call!(driver.volumes().extend_volume(cx, "v1", &2)),
        Operation::AttachVolume => {
            call!(
                driver
                    .volumes()
                    .attach_volume(cx, "v1", &VolumeAttach::default())
            )
        }
        Operation::DetachVolume => call!(driver.volumes().detach_volume(cx, "v1", "n1")),
        Operation::ListVolumeSnapshots => {
            call!(driver.volume_snapshots().list_volume_snapshots(cx, list))
        }
        Operation::GetVolumeSnapshot => {
            call!(driver.volume_snapshots().get_volume_snapshot(cx, "s1"))
        }
        Operation::CreateVolumeSnapshot => {
            let request = VolumeSnapshotCreate::default();
            call!(
                driver
                    .volume_snapshots()
                    .create_volume_snapshot(cx, &request)
            )
        }
        Operation::DeleteVolumeSnapshot => {
            call!(driver.volume_snapshots().delete_volume_snapshot(cx, "s1"))
        }
        Operation::ListNodeSnapshots => {
            call!(driver.node_snapshots().list_node_snapshots(cx, list))
        }
        Operation::GetNodeSnapshot => call!(driver.node_snapshots().get_node_snapshot(cx, "s1")),
        Operation::CreateNodeSnapshot => {
            let request = NodeSnapshotCreate::default();
            call!(driver.node_snapshots().create_node_snapshot(cx, &request))
        }
        Operation::RestoreNodeSnapshot => {
            call!(driver.node_snapshots().restore_node_snapshot(cx, "s1"))
        }
        Operation::DeleteNodeSnapshot => {
            call!(driver.node_snapshots().delete_node_snapshot(cx, "s1"))
        }
        Operation::CreateImage => {
            call!(
                driver
                    .node_images()
                    .create_image(cx, &ImageCreate::default())
            )
        }
        Operation::DeleteImage => call!(driver.node_images().delete_image(cx, "i1")),
        other => network_or_change(driver, cx, other).await,
    }
}

async fn network_or_change(driver: &dyn Driver, cx: &Context, operation: Operation) -> Result<()> {
    let list = &ListQuery::default();
    match operation {
        Operation::ListNetworks => call!(driver.networks().list_networks(cx, list)),
        Operation::GetNetwork => call!(driver.networks().get_network(cx, "net")),
        Operation::CreateNetwork => {
            call!(
                driver
                    .networks()
                    .create_network(cx, &NetworkCreate::default())
            )
        }
        Operation::DeleteNetwork => call!(driver.networks().delete_network(cx, "net")),
        Operation::ListSubnets => call!(driver.networks().list_subnets(cx, list)),
        Operation::GetSubnet => call!(driver.networks().get_subnet(cx, "sub")),
        Operation::CreateSubnet => {
            call!(
                driver
                    .networks()
                    .create_subnet(cx, &SubnetCreate::default())
            )
        }
        Operation::ListRouters => call!(driver.routers().list_routers(cx, list)),
        Operation::GetRouter => call!(driver.routers().get_router(cx, "router")),
        Operation::CreateRouter => {
            let request = RouterCreate::default();
            call!(driver.routers().create_router(cx, &request))
        }
        Operation::UpdateRouter => {
            let update = RouterUpdate::default();
            call!(driver.routers().update_router(cx, "router", &update))
        }
        Operation::DeleteRouter => call!(driver.routers().delete_router(cx, "router")),
        Operation::AttachRouterSubnet => {
            call!(driver.routers().attach_router_subnet(cx, "router", "sub"))
        }
        Operation::DetachRouterSubnet => {
            call!(driver.routers().detach_router_subnet(cx, "router", "sub"))
        }
        Operation::DeleteSubnet => call!(driver.networks().delete_subnet(cx, "sub")),
        Operation::ListSecurityGroups => {
            call!(driver.security_groups().list_security_groups(cx, list))
        }
        Operation::GetSecurityGroup => {
            call!(driver.security_groups().get_security_group(cx, "g1"))
        }
        Operation::CreateSecurityGroup => {
            let request = SecurityGroupCreate::default();
            call!(driver.security_groups().create_security_group(cx, &request))
        }
        Operation::DeleteSecurityGroup => {
            call!(driver.security_groups().delete_security_group(cx, "g1"))
        }
        Operation::AddSecurityRule => {
            let rule: SecurityRuleCreate = serde_json::from_str("{}").unwrap();
            call!(driver.security_groups().add_security_rule(cx, "g1", &rule))
        }
        Operation::RemoveSecurityRule => {
            call!(
                driver
                    .security_groups()
                    .remove_security_rule(cx, "g1", "r1")
            )
        }
        Operation::ListAddresses => call!(driver.addresses().list_addresses(cx, list)),
        Operation::GetAddress => call!(driver.addresses().get_address(cx, "a1")),
        Operation::AllocateAddress => {
            call!(
                driver
                    .addresses()
                    .allocate_address(cx, &AddressAllocate::default())
            )
        }
        Operation::AssociateAddress => {
            let to = AddressAssociate::default();
            call!(driver.addresses().associate_address(cx, "a1", &to))
        }
        Operation::DisassociateAddress => {
            call!(driver.addresses().disassociate_address(cx, "a1"))
        }
        Operation::ReleaseAddress => call!(driver.addresses().release_address(cx, "a1")),
        other => change(driver, cx, other).await,
    }
}

async fn change(driver: &dyn Driver, cx: &Context, operation: Operation) -> Result<()> {
    match operation {
        Operation::ResizeNode => call!(driver.resize().resize_node(cx, "n1", "large")),
        Operation::ConfirmResize => {
            call!(driver.resize_confirmation().confirm_resize(cx, "n1"))
        }
        Operation::RevertResize => call!(driver.resize_confirmation().revert_resize(cx, "n1")),
        Operation::RebuildNode => {
            call!(
                driver
                    .rebuild()
                    .rebuild_node(cx, "n1", &RebuildRequest::default())
            )
        }
        Operation::SuspendNode => call!(driver.suspend().suspend_node(cx, "n1")),
        Operation::ResumeNode => call!(driver.suspend().resume_node(cx, "n1")),
        Operation::PauseNode => call!(driver.pause().pause_node(cx, "n1")),
        Operation::UnpauseNode => call!(driver.pause().unpause_node(cx, "n1")),
        Operation::ShelveNode => call!(driver.shelve().shelve_node(cx, "n1")),
        Operation::UnshelveNode => call!(driver.shelve().unshelve_node(cx, "n1")),
        Operation::RescueNode => {
            call!(
                driver
                    .rescue()
                    .rescue_node(cx, "n1", &RescueRequest::default())
            )
        }
        Operation::UnrescueNode => call!(driver.rescue().unrescue_node(cx, "n1")),
        Operation::SetNodeMetadata => {
            let change = MetadataChange::default();
            call!(driver.node_metadata().set_node_metadata(cx, "n1", &change))
        }
        Operation::SetNodePassword => {
            let password = Secret::from("s");
            call!(
                driver
                    .node_password()
                    .set_node_password(cx, "n1", &password)
            )
        }
        Operation::ReadConsole => {
            call!(
                driver
                    .console_log()
                    .read_console(cx, "n1", &ConsoleRead::default())
            )
        }
        Operation::OpenConsole => {
            call!(
                driver
                    .remote_console()
                    .open_console(cx, "n1", &ConsoleKind::default())
            )
        }
        Operation::ListQuotas => call!(driver.quotas().list_quotas(cx)),
        Operation::ListProviderProjects => {
            call!(driver.provider_projects().list_provider_projects(cx))
        }
        other => panic!("{other:?} is not called"),
    }
}
