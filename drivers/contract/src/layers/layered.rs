//! The whole contract over an inner driver and a stack of layers.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::limits;
use super::stack::{LayerStatus, Stack};
use crate::extensions::{
    Addresses, ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, KeyPairs,
    MetadataChange, Networks, NodeImages, NodeMetadata, NodePassword, NodeSnapshots, Pause,
    ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize, ResizeConfirmation, Routers,
    SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use crate::model::{
    Address, AddressAllocate, AddressAssociate, Image, ImageCreate, KeyPair, KeyPairCreate,
    KeyPairCreated, Location, Network, NetworkCreate, Node, NodeCreate, NodeCreated, NodeSecrets,
    NodeSnapshot, NodeSnapshotCreate, ProviderProject, Quota, RebootKind, RebuildRequest,
    RescueRequest, Router, RouterCreate, RouterUpdate, SecurityGroup, SecurityGroupCreate,
    SecurityRule, SecurityRuleCreate, Size, Subnet, SubnetCreate, Volume, VolumeAttach,
    VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use crate::{
    Capabilities, Context, Driver, DriverInfo, Error, Extension, ImageQuery, ListQuery, NodeQuery,
    Operation, Page, Result, Secret,
};

/// A driver with its layers. It is a driver itself, so nobody above needs to know.
#[derive(Debug)]
pub struct Layered {
    inner: Arc<dyn Driver>,
    stack: Stack,
}

impl Layered {
    /// Puts `stack` around `inner`.
    pub fn new(inner: Arc<dyn Driver>, stack: Stack) -> Self {
        Self { inner, stack }
    }

    /// The state of the layers.
    pub fn status(&self) -> LayerStatus {
        self.stack.status()
    }
}

fn no_check(_: &Capabilities) -> Result<()> {
    Ok(())
}

/// Where an attempt keeps what it is answered.
#[derive(Debug)]
struct Answer<T>(Mutex<Option<T>>);

impl<T> Answer<T> {
    fn none() -> Self {
        Self(Mutex::new(None))
    }

    fn keep(&self, answer: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }

    fn take(self) -> Result<T> {
        let answer = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        answer.ok_or_else(|| Error::internal("the call ended well without an answer"))
    }
}

/// Makes a call through the stack. `$ask` is what one attempt awaits.
macro_rules! through_layers {
    ($self:ident, $operation:ident, $cx:ident, $check:expr, |$inner:ident, $attempt:ident| $ask:expr) => {{
        let $inner = &$self.inner;
        let capabilities = $inner.capabilities();
        let checked = limits::check_operation(capabilities, Operation::$operation)
            .and_then(|()| $check(capabilities));
        let answer = Answer::none();
        let kept = &answer;
        let attempt = |$attempt: Context| -> Pin<Box<dyn Future<Output = Result<()>> + Send + '_>> {
            Box::pin(async move {
                kept.keep($ask);
                Ok(())
            })
        };
        $self
            .stack
            .call(Operation::$operation, checked, $cx, &attempt)
            .await?;
        answer.take()
    }};
}

/// Implements an extension trait by one line per method: the operation, the signature, and, where
/// arguments have limits, the check.
macro_rules! layer_extension {
    ($trait:ident, $accessor:ident, $extension:ident {
        $($operation:ident: $method:ident($($arg:ident: &$type:ty),*) -> $reply:ty
            $(, check $check:expr)?;)*
    }) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl $trait for Layered {
            $(
            async fn $method(&self, cx: &Context $(, $arg: &$type)*) -> Result<$reply> {
                through_layers!(
                    self, $operation, cx, layer_extension!(@check $($check)?), |inner, attempt| {
                        let Some(extension) = inner.$accessor() else {
                            return Err(limits::unsupported(Extension::$extension.as_str()));
                        };
                        extension.$method(&attempt $(, $arg)*).await?
                    }
                )
            }
            )*
        }
    };
    (@check) => { no_check };
    (@check $check:expr) => { $check };
}

/// One method of the core, with the check of its arguments.
macro_rules! layer_core {
    ($self:ident, $operation:ident, $cx:ident, $check:expr, $method:ident($($arg:expr),*)) => {
        through_layers!($self, $operation, $cx, $check, |inner, attempt| {
            inner.$method(&attempt $(, $arg)*).await?
        })
    };
}

/// The accessors: this layered driver has an extension exactly if the inner one has it.
macro_rules! layer_accessors {
    ($($accessor:ident -> $trait:ident;)*) => {
        $(
        fn $accessor(&self) -> Option<&dyn $trait> {
            self.inner.$accessor().map(|_| self as &dyn $trait)
        }
        )*
    };
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Driver for Layered {
    fn info(&self) -> &DriverInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        layer_core!(self, Check, cx, no_check, check())
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        layer_core!(self, ListNodes, cx, no_check, list_nodes(query))
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        layer_core!(self, GetNode, cx, no_check, get_node(id))
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        let check = |can: &Capabilities| limits::check_node_create(can, request);
        layer_core!(self, CreateNode, cx, check, create_node(request))
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        let check = |can: &Capabilities| limits::check_node_name(can, name);
        layer_core!(self, RenameNode, cx, check, rename_node(id, name))
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        layer_core!(self, DestroyNode, cx, no_check, destroy_node(id))
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        layer_core!(self, StartNode, cx, no_check, start_node(id))
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        layer_core!(self, StopNode, cx, no_check, stop_node(id))
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        let check = |can: &Capabilities| limits::check_reboot(can, *kind);
        layer_core!(self, RebootNode, cx, check, reboot_node(id, kind))
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        layer_core!(self, ListImages, cx, no_check, list_images(query))
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        layer_core!(self, GetImage, cx, no_check, get_image(id))
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        layer_core!(self, ListSizes, cx, no_check, list_sizes(query))
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        layer_core!(self, ListLocations, cx, no_check, list_locations(query))
    }

    layer_accessors! {
        key_pairs -> KeyPairs;
        volumes -> Volumes;
        volume_snapshots -> VolumeSnapshots;
        node_snapshots -> NodeSnapshots;
        node_images -> NodeImages;
        networks -> Networks;
        routers -> Routers;
        security_groups -> SecurityGroups;
        addresses -> Addresses;
        resize -> Resize;
        resize_confirmation -> ResizeConfirmation;
        rebuild -> Rebuild;
        suspend -> Suspend;
        pause -> Pause;
        shelve -> Shelve;
        rescue -> Rescue;
        node_metadata -> NodeMetadata;
        node_password -> NodePassword;
        console_log -> ConsoleLog;
        remote_console -> RemoteConsole;
        quotas -> Quotas;
        provider_projects -> ProviderProjects;
    }
}

layer_extension!(KeyPairs, key_pairs, KeyPairs {
    ListKeyPairs: list_key_pairs(query: &ListQuery) -> Page<KeyPair>;
    GetKeyPair: get_key_pair(name: &str) -> KeyPair;
    CreateKeyPair: create_key_pair(request: &KeyPairCreate) -> KeyPairCreated,
        check |can: &Capabilities| limits::check_key_pair_create(can, request);
    DeleteKeyPair: delete_key_pair(name: &str) -> ();
});

layer_extension!(Volumes, volumes, Volumes {
    ListVolumes: list_volumes(query: &ListQuery) -> Page<Volume>;
    GetVolume: get_volume(id: &str) -> Volume;
    CreateVolume: create_volume(request: &VolumeCreate) -> Volume,
        check |can: &Capabilities| limits::check_volume_create(can, request);
    DeleteVolume: delete_volume(id: &str) -> ();
    ExtendVolume: extend_volume(id: &str, size_gb: &u64) -> (),
        check |can: &Capabilities| limits::check_volume_extend(can, *size_gb);
    AttachVolume: attach_volume(id: &str, to: &VolumeAttach) -> ();
    DetachVolume: detach_volume(id: &str, node: &str) -> ();
});

layer_extension!(VolumeSnapshots, volume_snapshots, VolumeSnapshots {
    ListVolumeSnapshots: list_volume_snapshots(query: &ListQuery) -> Page<VolumeSnapshot>;
    GetVolumeSnapshot: get_volume_snapshot(id: &str) -> VolumeSnapshot;
    CreateVolumeSnapshot: create_volume_snapshot(request: &VolumeSnapshotCreate) -> VolumeSnapshot;
    DeleteVolumeSnapshot: delete_volume_snapshot(id: &str) -> ();
});

layer_extension!(NodeSnapshots, node_snapshots, NodeSnapshots {
    ListNodeSnapshots: list_node_snapshots(query: &ListQuery) -> Page<NodeSnapshot>;
    GetNodeSnapshot: get_node_snapshot(id: &str) -> NodeSnapshot;
    CreateNodeSnapshot: create_node_snapshot(request: &NodeSnapshotCreate) -> NodeSnapshot;
    RestoreNodeSnapshot: restore_node_snapshot(id: &str) -> ();
    DeleteNodeSnapshot: delete_node_snapshot(id: &str) -> ();
});

layer_extension!(NodeImages, node_images, NodeImages {
    CreateImage: create_image(request: &ImageCreate) -> Image;
    DeleteImage: delete_image(id: &str) -> ();
});

layer_extension!(Networks, networks, Networks {
    ListNetworks: list_networks(query: &ListQuery) -> Page<Network>;
    GetNetwork: get_network(id: &str) -> Network;
    CreateNetwork: create_network(request: &NetworkCreate) -> Network,
        check limits::check_network_create;
    DeleteNetwork: delete_network(id: &str) -> (), check limits::check_network_create;
    ListSubnets: list_subnets(query: &ListQuery) -> Page<Subnet>;
    GetSubnet: get_subnet(id: &str) -> Subnet;
    CreateSubnet: create_subnet(request: &SubnetCreate) -> Subnet,
        check limits::check_subnet_create;
    DeleteSubnet: delete_subnet(id: &str) -> (), check limits::check_subnet_create;
});

layer_extension!(Routers, routers, Routers {
    ListRouters: list_routers(query: &ListQuery) -> Page<Router>;
    GetRouter: get_router(id: &str) -> Router;
    CreateRouter: create_router(request: &RouterCreate) -> Router;
    UpdateRouter: update_router(id: &str, update: &RouterUpdate) -> ();
    DeleteRouter: delete_router(id: &str) -> ();
    AttachRouterSubnet: attach_router_subnet(id: &str, subnet: &str) -> ();
    DetachRouterSubnet: detach_router_subnet(id: &str, subnet: &str) -> ();
});

layer_extension!(SecurityGroups, security_groups, SecurityGroups {
    ListSecurityGroups: list_security_groups(query: &ListQuery) -> Page<SecurityGroup>;
    GetSecurityGroup: get_security_group(id: &str) -> SecurityGroup;
    CreateSecurityGroup: create_security_group(request: &SecurityGroupCreate) -> SecurityGroup;
    DeleteSecurityGroup: delete_security_group(id: &str) -> ();
    AddSecurityRule: add_security_rule(group: &str, rule: &SecurityRuleCreate) -> SecurityRule;
    RemoveSecurityRule: remove_security_rule(group: &str, rule: &str) -> ();
});

layer_extension!(Addresses, addresses, Addresses {
    ListAddresses: list_addresses(query: &ListQuery) -> Page<Address>;
    GetAddress: get_address(id: &str) -> Address;
    AllocateAddress: allocate_address(request: &AddressAllocate) -> Address;
    AssociateAddress: associate_address(id: &str, to: &AddressAssociate) -> ();
    DisassociateAddress: disassociate_address(id: &str) -> ();
    ReleaseAddress: release_address(id: &str) -> ();
});

layer_extension!(Resize, resize, Resize {
    ResizeNode: resize_node(id: &str, size: &str) -> ();
});

layer_extension!(ResizeConfirmation, resize_confirmation, ResizeConfirmation {
    ConfirmResize: confirm_resize(id: &str) -> ();
    RevertResize: revert_resize(id: &str) -> ();
});

layer_extension!(Rebuild, rebuild, Rebuild {
    RebuildNode: rebuild_node(id: &str, request: &RebuildRequest) -> NodeSecrets;
});

layer_extension!(Suspend, suspend, Suspend {
    SuspendNode: suspend_node(id: &str) -> ();
    ResumeNode: resume_node(id: &str) -> ();
});

layer_extension!(Pause, pause, Pause {
    PauseNode: pause_node(id: &str) -> ();
    UnpauseNode: unpause_node(id: &str) -> ();
});

layer_extension!(Shelve, shelve, Shelve {
    ShelveNode: shelve_node(id: &str) -> ();
    UnshelveNode: unshelve_node(id: &str) -> ();
});

layer_extension!(Rescue, rescue, Rescue {
    RescueNode: rescue_node(id: &str, request: &RescueRequest) -> NodeSecrets;
    UnrescueNode: unrescue_node(id: &str) -> ();
});

layer_extension!(NodeMetadata, node_metadata, NodeMetadata {
    SetNodeMetadata: set_node_metadata(id: &str, change: &MetadataChange) -> (),
        check |can: &Capabilities| limits::check_metadata_change(can, change);
});

layer_extension!(NodePassword, node_password, NodePassword {
    SetNodePassword: set_node_password(id: &str, password: &Secret) -> ();
});

layer_extension!(ConsoleLog, console_log, ConsoleLog {
    ReadConsole: read_console(id: &str, read: &ConsoleRead) -> ConsoleOutput;
});

layer_extension!(RemoteConsole, remote_console, RemoteConsole {
    OpenConsole: open_console(id: &str, kind: &ConsoleKind) -> ConsoleUrl;
});

layer_extension!(Quotas, quotas, Quotas {
    ListQuotas: list_quotas() -> Vec<Quota>;
});

layer_extension!(ProviderProjects, provider_projects, ProviderProjects {
    ListProviderProjects: list_provider_projects() -> Vec<ProviderProject>;
});
