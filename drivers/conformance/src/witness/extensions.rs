//! The extensions of the contract, watched.

use cloudfarm_contract::extensions::{
    Addresses, ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, KeyPairs,
    MetadataChange, Networks, NodeImages, NodeMetadata, NodePassword, NodeSnapshots, Pause,
    ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize, ResizeConfirmation, Routers,
    SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Image, ImageCreate, KeyPair, KeyPairCreate,
    KeyPairCreated, Network, NetworkCreate, NodeSecrets, NodeSnapshot, NodeSnapshotCreate,
    ProviderProject, Quota, RebuildRequest, RescueRequest, Router, RouterCreate, RouterUpdate,
    SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate, Subnet, SubnetCreate,
    Volume, VolumeAttach, VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Secret, async_trait};

use super::Witness;

/// The witness has what the driver has, so this comes only of an accessor that changes its mind.
fn gone(accessor: &str) -> Error {
    Error::internal(format!("the accessor {accessor} gives nothing any more"))
}

macro_rules! watch_extension {
    ($trait:ident, $accessor:ident {
        $($operation:ident: $mode:ident $method:ident($($arg:ident: &$type:ty),*) -> $reply:ty;)*
    }) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl $trait for Witness {
            $(
            async fn $method(&self, cx: &Context $(, $arg: &$type)*) -> Result<$reply> {
                let inner = self.inner.$accessor().ok_or_else(|| gone(stringify!($accessor)))?;
                watch!(self, inner, $operation, $mode, cx, $method($($arg),*))
            }
            )*
        }
    };
}

watch_extension!(KeyPairs, key_pairs {
    ListKeyPairs: list list_key_pairs(query: &ListQuery) -> Page<KeyPair>;
    GetKeyPair: call get_key_pair(name: &str) -> KeyPair;
    CreateKeyPair: create create_key_pair(request: &KeyPairCreate) -> KeyPairCreated;
    DeleteKeyPair: call delete_key_pair(name: &str) -> ();
});

watch_extension!(Volumes, volumes {
    ListVolumes: list list_volumes(query: &ListQuery) -> Page<Volume>;
    GetVolume: call get_volume(id: &str) -> Volume;
    CreateVolume: create create_volume(request: &VolumeCreate) -> Volume;
    DeleteVolume: call delete_volume(id: &str) -> ();
    ExtendVolume: call extend_volume(id: &str, size_gb: &u64) -> ();
    AttachVolume: call attach_volume(id: &str, to: &VolumeAttach) -> ();
    DetachVolume: call detach_volume(id: &str, node: &str) -> ();
});

watch_extension!(VolumeSnapshots, volume_snapshots {
    ListVolumeSnapshots: list list_volume_snapshots(query: &ListQuery) -> Page<VolumeSnapshot>;
    GetVolumeSnapshot: call get_volume_snapshot(id: &str) -> VolumeSnapshot;
    CreateVolumeSnapshot: create
        create_volume_snapshot(request: &VolumeSnapshotCreate) -> VolumeSnapshot;
    DeleteVolumeSnapshot: call delete_volume_snapshot(id: &str) -> ();
});

watch_extension!(NodeSnapshots, node_snapshots {
    ListNodeSnapshots: list list_node_snapshots(query: &ListQuery) -> Page<NodeSnapshot>;
    GetNodeSnapshot: call get_node_snapshot(id: &str) -> NodeSnapshot;
    CreateNodeSnapshot: create create_node_snapshot(request: &NodeSnapshotCreate) -> NodeSnapshot;
    RestoreNodeSnapshot: call restore_node_snapshot(id: &str) -> ();
    DeleteNodeSnapshot: call delete_node_snapshot(id: &str) -> ();
});

watch_extension!(NodeImages, node_images {
    CreateImage: create create_image(request: &ImageCreate) -> Image;
    DeleteImage: call delete_image(id: &str) -> ();
});

watch_extension!(Networks, networks {
    ListNetworks: list list_networks(query: &ListQuery) -> Page<Network>;
    GetNetwork: call get_network(id: &str) -> Network;
    CreateNetwork: create create_network(request: &NetworkCreate) -> Network;
    DeleteNetwork: call delete_network(id: &str) -> ();
    ListSubnets: list list_subnets(query: &ListQuery) -> Page<Subnet>;
    GetSubnet: call get_subnet(id: &str) -> Subnet;
    CreateSubnet: create create_subnet(request: &SubnetCreate) -> Subnet;
    DeleteSubnet: call delete_subnet(id: &str) -> ();
});

watch_extension!(Routers, routers {
    ListRouters: list list_routers(query: &ListQuery) -> Page<Router>;
    GetRouter: call get_router(id: &str) -> Router;
    CreateRouter: create create_router(request: &RouterCreate) -> Router;
    UpdateRouter: call update_router(id: &str, update: &RouterUpdate) -> ();
    DeleteRouter: call delete_router(id: &str) -> ();
    AttachRouterSubnet: call attach_router_subnet(id: &str, subnet: &str) -> ();
    DetachRouterSubnet: call detach_router_subnet(id: &str, subnet: &str) -> ();
});

watch_extension!(SecurityGroups, security_groups {
    ListSecurityGroups: list list_security_groups(query: &ListQuery) -> Page<SecurityGroup>;
    GetSecurityGroup: call get_security_group(id: &str) -> SecurityGroup;
    CreateSecurityGroup: create
        create_security_group(request: &SecurityGroupCreate) -> SecurityGroup;
    DeleteSecurityGroup: call delete_security_group(id: &str) -> ();
    AddSecurityRule: call add_security_rule(group: &str, rule: &SecurityRuleCreate) -> SecurityRule;
    RemoveSecurityRule: call remove_security_rule(group: &str, rule: &str) -> ();
});

watch_extension!(Addresses, addresses {
    ListAddresses: list list_addresses(query: &ListQuery) -> Page<Address>;
    GetAddress: call get_address(id: &str) -> Address;
    AllocateAddress: create allocate_address(request: &AddressAllocate) -> Address;
    AssociateAddress: call associate_address(id: &str, to: &AddressAssociate) -> ();
    DisassociateAddress: call disassociate_address(id: &str) -> ();
    ReleaseAddress: call release_address(id: &str) -> ();
});

watch_extension!(Resize, resize {
    ResizeNode: call resize_node(id: &str, size: &str) -> ();
});

watch_extension!(ResizeConfirmation, resize_confirmation {
    ConfirmResize: call confirm_resize(id: &str) -> ();
    RevertResize: call revert_resize(id: &str) -> ();
});

watch_extension!(Rebuild, rebuild {
    RebuildNode: call rebuild_node(id: &str, request: &RebuildRequest) -> NodeSecrets;
});

watch_extension!(Suspend, suspend {
    SuspendNode: call suspend_node(id: &str) -> ();
    ResumeNode: call resume_node(id: &str) -> ();
});

watch_extension!(Pause, pause {
    PauseNode: call pause_node(id: &str) -> ();
    UnpauseNode: call unpause_node(id: &str) -> ();
});

watch_extension!(Shelve, shelve {
    ShelveNode: call shelve_node(id: &str) -> ();
    UnshelveNode: call unshelve_node(id: &str) -> ();
});

watch_extension!(Rescue, rescue {
    RescueNode: call rescue_node(id: &str, request: &RescueRequest) -> NodeSecrets;
    UnrescueNode: call unrescue_node(id: &str) -> ();
});

watch_extension!(NodeMetadata, node_metadata {
    SetNodeMetadata: call set_node_metadata(id: &str, change: &MetadataChange) -> ();
});

watch_extension!(NodePassword, node_password {
    SetNodePassword: call set_node_password(id: &str, password: &Secret) -> ();
});

watch_extension!(ConsoleLog, console_log {
    ReadConsole: call read_console(id: &str, read: &ConsoleRead) -> ConsoleOutput;
});

watch_extension!(RemoteConsole, remote_console {
    OpenConsole: call open_console(id: &str, kind: &ConsoleKind) -> ConsoleUrl;
});

watch_extension!(Quotas, quotas {
    ListQuotas: call list_quotas() -> Vec<Quota>;
});

watch_extension!(ProviderProjects, provider_projects {
    ListProviderProjects: call list_provider_projects() -> Vec<ProviderProject>;
});
