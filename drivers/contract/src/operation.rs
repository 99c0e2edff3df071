//! Every operation of the contract by name, with what a repetition does.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::capabilities::Extension;

/// What happens if the same call is made twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing changes, however often it is made.
    Read,
    /// The second call finds done what it asks for.
    Idempotent,
    /// Each call changes something. Never repeated inside the process: the job decides.
    Once,
}

macro_rules! operations {
    ($($variant:ident = $name:literal, $effect:ident $(, $extension:ident)?;)*) => {
        /// An operation of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is documented at the method of the same name")]
        pub enum Operation { $($variant),* }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name of the method, as in logs and metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What a repetition does.
            pub const fn effect(self) -> Effect {
                match self { $(Self::$variant => Effect::$effect),* }
            }

            /// The extension it belongs to; `None` for the core.
            pub const fn extension(self) -> Option<Extension> {
                match self { $(Self::$variant => operations!(@extension $($extension)?)),* }
            }
        }
    };
    (@extension) => { None };
    (@extension $extension:ident) => { Some(Extension::$extension) };
}

operations! {
    Check = "check", Read;
    ListNodes = "list_nodes", Read;
    GetNode = "get_node", Read;
    CreateNode = "create_node", Once;
    RenameNode = "rename_node", Idempotent;
    DestroyNode = "destroy_node", Idempotent;
    StartNode = "start_node", Idempotent;
    StopNode = "stop_node", Idempotent;
    RebootNode = "reboot_node", Once;
    ListImages = "list_images", Read;
    GetImage = "get_image", Read;
    ListSizes = "list_sizes", Read;
    ListLocations = "list_locations", Read;

    ListKeyPairs = "list_key_pairs", Read, KeyPairs;
    GetKeyPair = "get_key_pair", Read, KeyPairs;
    CreateKeyPair = "create_key_pair", Once, KeyPairs;
    DeleteKeyPair = "delete_key_pair", Idempotent, KeyPairs;

    ListVolumes = "list_volumes", Read, Volumes;
    GetVolume = "get_volume", Read, Volumes;
    CreateVolume = "create_volume", Once, Volumes;
    DeleteVolume = "delete_volume", Idempotent, Volumes;
    ExtendVolume = "extend_volume", Idempotent, Volumes;
    AttachVolume = "attach_volume", Idempotent, Volumes;
    DetachVolume = "detach_volume", Idempotent, Volumes;

    ListVolumeSnapshots = "list_volume_snapshots", Read, VolumeSnapshots;
    GetVolumeSnapshot = "get_volume_snapshot", Read, VolumeSnapshots;
    CreateVolumeSnapshot = "create_volume_snapshot", Once, VolumeSnapshots;
    DeleteVolumeSnapshot = "delete_volume_snapshot", Idempotent, VolumeSnapshots;

    ListNodeSnapshots = "list_node_snapshots", Read, NodeSnapshots;
    GetNodeSnapshot = "get_node_snapshot", Read, NodeSnapshots;
    CreateNodeSnapshot = "create_node_snapshot", Once, NodeSnapshots;
    RestoreNodeSnapshot = "restore_node_snapshot", Once, NodeSnapshots;
    DeleteNodeSnapshot = "delete_node_snapshot", Idempotent, NodeSnapshots;

    CreateImage = "create_image", Once, NodeImages;
    DeleteImage = "delete_image", Idempotent, NodeImages;

    ListNetworks = "list_networks", Read, Networks;
    GetNetwork = "get_network", Read, Networks;
    CreateNetwork = "create_network", Once, Networks;
    DeleteNetwork = "delete_network", Idempotent, Networks;
    ListSubnets = "list_subnets", Read, Networks;
    GetSubnet = "get_subnet", Read, Networks;
    CreateSubnet = "create_subnet", Once, Networks;
    DeleteSubnet = "delete_subnet", Idempotent, Networks;

    ListRouters = "list_routers", Read, Routers;
    GetRouter = "get_router", Read, Routers;
    CreateRouter = "create_router", Once, Routers;
    UpdateRouter = "update_router", Idempotent, Routers;
    DeleteRouter = "delete_router", Idempotent, Routers;
    AttachRouterSubnet = "attach_router_subnet", Idempotent, Routers;
    DetachRouterSubnet = "detach_router_subnet", Idempotent, Routers;

    ListSecurityGroups = "list_security_groups", Read, SecurityGroups;
    GetSecurityGroup = "get_security_group", Read, SecurityGroups;
    CreateSecurityGroup = "create_security_group", Once, SecurityGroups;
    DeleteSecurityGroup = "delete_security_group", Idempotent, SecurityGroups;
    AddSecurityRule = "add_security_rule", Once, SecurityGroups;
    RemoveSecurityRule = "remove_security_rule", Idempotent, SecurityGroups;

    ListAddresses = "list_addresses", Read, Addresses;
    GetAddress = "get_address", Read, Addresses;
    AllocateAddress = "allocate_address", Once, Addresses;
    AssociateAddress = "associate_address", Idempotent, Addresses;
    DisassociateAddress = "disassociate_address", Idempotent, Addresses;
    ReleaseAddress = "release_address", Idempotent, Addresses;

    ResizeNode = "resize_node", Once, Resize;
    ConfirmResize = "confirm_resize", Once, ResizeConfirmation;
    RevertResize = "revert_resize", Once, ResizeConfirmation;
    RebuildNode = "rebuild_node", Once, Rebuild;
    SuspendNode = "suspend_node", Idempotent, Suspend;
    ResumeNode = "resume_node", Idempotent, Suspend;
    PauseNode = "pause_node", Idempotent, Pause;
    UnpauseNode = "unpause_node", Idempotent, Pause;
    ShelveNode = "shelve_node", Idempotent, Shelve;
    UnshelveNode = "unshelve_node", Idempotent, Shelve;
    RescueNode = "rescue_node", Once, Rescue;
    UnrescueNode = "unrescue_node", Once, Rescue;
    SetNodeMetadata = "set_node_metadata", Idempotent, NodeMetadata;
    SetNodePassword = "set_node_password", Idempotent, NodePassword;
    ReadConsole = "read_console", Read, ConsoleLog;
    OpenConsole = "open_console", Once, RemoteConsole;
    ListQuotas = "list_quotas", Read, Quotas;
    ListProviderProjects = "list_provider_projects", Read, ProviderProjects;
}
