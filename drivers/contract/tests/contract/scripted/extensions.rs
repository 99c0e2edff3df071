//! The extensions of the scripted driver.

use cloudfarm_contract::extensions::*;
use cloudfarm_contract::model::*;
use cloudfarm_contract::{Context, ListQuery, Operation, Page, Result, Secret, async_trait};

use super::Scripted;

macro_rules! scripted {
    ($trait:ident {
        $($operation:ident: $how:ident $method:ident($($arg:ident: &$type:ty),*) -> $reply:ty;)*
    }) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl $trait for Scripted {
            $(async fn $method(&self, cx: &Context $(, $arg: &$type)*) -> Result<$reply> {
                self.$how(Operation::$operation, cx).await
            })*
        }
    };
}

scripted!(KeyPairs {
    ListKeyPairs: fail list_key_pairs(_query: &ListQuery) -> Page<KeyPair>;
    GetKeyPair: fail get_key_pair(_name: &str) -> KeyPair;
    CreateKeyPair: fail create_key_pair(_request: &KeyPairCreate) -> KeyPairCreated;
    DeleteKeyPair: unit delete_key_pair(_name: &str) -> ();
});

scripted!(Volumes {
    ListVolumes: fail list_volumes(_query: &ListQuery) -> Page<Volume>;
    GetVolume: fail get_volume(_id: &str) -> Volume;
    CreateVolume: fail create_volume(_request: &VolumeCreate) -> Volume;
    DeleteVolume: unit delete_volume(_id: &str) -> ();
    ExtendVolume: unit extend_volume(_id: &str, _size_gb: &u64) -> ();
    AttachVolume: unit attach_volume(_id: &str, _to: &VolumeAttach) -> ();
    DetachVolume: unit detach_volume(_id: &str, _node: &str) -> ();
});

scripted!(VolumeSnapshots {
    ListVolumeSnapshots: fail list_volume_snapshots(_query: &ListQuery) -> Page<VolumeSnapshot>;
    GetVolumeSnapshot: fail get_volume_snapshot(_id: &str) -> VolumeSnapshot;
    CreateVolumeSnapshot: fail
        create_volume_snapshot(_request: &VolumeSnapshotCreate) -> VolumeSnapshot;
    DeleteVolumeSnapshot: unit delete_volume_snapshot(_id: &str) -> ();
});

scripted!(NodeSnapshots {
    ListNodeSnapshots: fail list_node_snapshots(_query: &ListQuery) -> Page<NodeSnapshot>;
    GetNodeSnapshot: fail get_node_snapshot(_id: &str) -> NodeSnapshot;
    CreateNodeSnapshot: fail create_node_snapshot(_request: &NodeSnapshotCreate) -> NodeSnapshot;
    RestoreNodeSnapshot: unit restore_node_snapshot(_id: &str) -> ();
    DeleteNodeSnapshot: unit delete_node_snapshot(_id: &str) -> ();
});

scripted!(NodeImages {
    CreateImage: fail create_image(_request: &ImageCreate) -> Image;
    DeleteImage: unit delete_image(_id: &str) -> ();
});

scripted!(Networks {
    ListNetworks: fail list_networks(_query: &ListQuery) -> Page<Network>;
    GetNetwork: fail get_network(_id: &str) -> Network;
    CreateNetwork: fail create_network(_request: &NetworkCreate) -> Network;
    DeleteNetwork: unit delete_network(_id: &str) -> ();
    ListSubnets: fail list_subnets(_query: &ListQuery) -> Page<Subnet>;
    GetSubnet: fail get_subnet(_id: &str) -> Subnet;
    CreateSubnet: fail create_subnet(_request: &SubnetCreate) -> Subnet;
    DeleteSubnet: unit delete_subnet(_id: &str) -> ();
});

scripted!(Routers {
    ListRouters: fail list_routers(_query: &ListQuery) -> Page<Router>;
    GetRouter: fail get_router(_id: &str) -> Router;
    CreateRouter: fail create_router(_request: &RouterCreate) -> Router;
    UpdateRouter: unit update_router(_id: &str, _update: &RouterUpdate) -> ();
    DeleteRouter: unit delete_router(_id: &str) -> ();
    AttachRouterSubnet: unit attach_router_subnet(_id: &str, _subnet: &str) -> ();
    DetachRouterSubnet: unit detach_router_subnet(_id: &str, _subnet: &str) -> ();
});

scripted!(SecurityGroups {
    ListSecurityGroups: fail list_security_groups(_query: &ListQuery) -> Page<SecurityGroup>;
    GetSecurityGroup: fail get_security_group(_id: &str) -> SecurityGroup;
    CreateSecurityGroup: fail create_security_group(_r: &SecurityGroupCreate) -> SecurityGroup;
    DeleteSecurityGroup: unit delete_security_group(_id: &str) -> ();
    AddSecurityRule: fail
        add_security_rule(_group: &str, _rule: &SecurityRuleCreate) -> SecurityRule;
    RemoveSecurityRule: unit remove_security_rule(_group: &str, _rule: &str) -> ();
});

scripted!(Addresses {
    ListAddresses: fail list_addresses(_query: &ListQuery) -> Page<Address>;
    GetAddress: fail get_address(_id: &str) -> Address;
    AllocateAddress: fail allocate_address(_request: &AddressAllocate) -> Address;
    AssociateAddress: unit associate_address(_id: &str, _to: &AddressAssociate) -> ();
    DisassociateAddress: unit disassociate_address(_id: &str) -> ();
    ReleaseAddress: unit release_address(_id: &str) -> ();
});

scripted!(Resize {
    ResizeNode: unit resize_node(_id: &str, _size: &str) -> ();
});

scripted!(ResizeConfirmation {
    ConfirmResize: unit confirm_resize(_id: &str) -> ();
    RevertResize: unit revert_resize(_id: &str) -> ();
});

scripted!(Rebuild {
    RebuildNode: fail rebuild_node(_id: &str, _request: &RebuildRequest) -> NodeSecrets;
});

scripted!(Suspend {
    SuspendNode: unit suspend_node(_id: &str) -> ();
    ResumeNode: unit resume_node(_id: &str) -> ();
});

scripted!(Pause {
    PauseNode: unit pause_node(_id: &str) -> ();
    UnpauseNode: unit unpause_node(_id: &str) -> ();
});

scripted!(Shelve {
    ShelveNode: unit shelve_node(_id: &str) -> ();
    UnshelveNode: unit unshelve_node(_id: &str) -> ();
});

scripted!(Rescue {
    RescueNode: fail rescue_node(_id: &str, _request: &RescueRequest) -> NodeSecrets;
    UnrescueNode: unit unrescue_node(_id: &str) -> ();
});

scripted!(NodeMetadata {
    SetNodeMetadata: unit set_node_metadata(_id: &str, _change: &MetadataChange) -> ();
});

scripted!(NodePassword {
    SetNodePassword: unit set_node_password(_id: &str, _password: &Secret) -> ();
});

scripted!(ConsoleLog {
    ReadConsole: fail read_console(_id: &str, _read: &ConsoleRead) -> ConsoleOutput;
});

scripted!(RemoteConsole {
    OpenConsole: fail open_console(_id: &str, _kind: &ConsoleKind) -> ConsoleUrl;
});

scripted!(Quotas {
    ListQuotas: fail list_quotas() -> Vec<Quota>;
});

scripted!(ProviderProjects {
    ListProviderProjects: fail list_provider_projects() -> Vec<ProviderProject>;
});
