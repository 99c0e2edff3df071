//! A driver that watches another one: it holds every answer against the invariants and keeps a
//! journal of what is made.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudfarm_contract::extensions::{
    Addresses, ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, KeyPairs,
    MetadataChange, Networks, NodeImages, NodeMetadata, NodePassword, NodeSnapshots, Pause,
    ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize, ResizeConfirmation, Routers,
    SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Image, ImageCreate, KeyPair, KeyPairCreate,
    KeyPairCreated, Location, Network, NetworkCreate, Node, NodeCreate, NodeCreated, NodeSecrets,
    NodeSnapshot, NodeSnapshotCreate, NodeState, ProviderProject, Quota, RebootKind,
    RebuildRequest, RescueRequest, Router, RouterCreate, RouterUpdate, SecurityGroup,
    SecurityGroupCreate, SecurityRule, SecurityRuleCreate, Size, Subnet, SubnetCreate, Volume,
    VolumeAttach, VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use cloudfarm_contract::{
    Capabilities, Context, Driver, DriverInfo, Error, ImageQuery, ListQuery, NodeQuery, Operation,
    Page, Result, Secret, SideEffect, async_trait,
};

use crate::invariants::{Answer, Rules};
use crate::journal::Journal;
use crate::things::{Created, Query, Request, Thing};

/// The driver that cases are given.
#[derive(Debug)]
pub(crate) struct Witness {
    inner: Arc<dyn Driver>,
    rules: Rules,
    journal: Journal,
}

impl Witness {
    pub(crate) fn new(inner: Arc<dyn Driver>, rules: Rules) -> Self {
        Self {
            inner,
            rules,
            journal: Journal::default(),
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    fn saw<T: Answer>(&self, operation: Operation, result: Result<T>) -> Result<T> {
        let mut problems = Vec::new();
        match &result {
            Ok(answer) => answer.problems(&self.rules, &mut problems),
            Err(error) => error.problems(&self.rules, &mut problems),
        }
        self.note(operation, problems);
        result.map_err(|error| match error.operation() {
            Some(_) => error,
            None => error.with_operation(operation.as_str()),
        })
    }

    fn note(&self, operation: Operation, problems: Vec<String>) {
        for problem in problems {
            self.journal
                .violation(format!("{}: {problem}", operation.as_str()));
        }
    }

    fn saw_page<T: Answer + Thing>(
        &self,
        operation: Operation,
        query: &impl Query<T>,
        result: Result<Page<T>>,
    ) -> Result<Page<T>> {
        if let Ok(page) = &result {
            let mut problems = Vec::new();
            let asked = query.page();
            if asked
                .limit
                .is_some_and(|limit| page.items.len() > limit as usize)
            {
                let count = page.items.len();
                problems.push(format!("{count} items on a page of {:?}", asked.limit));
            }
            if page.next.is_some() && page.next == asked.marker {
                problems.push("the next page is the same page".to_owned());
            }
            let strangers = page.items.iter().filter(|item| !query.wants(item));
            problems
                .extend(strangers.map(|item| format!("the query does not match {}", item.id())));
            let ids: BTreeSet<_> = page.items.iter().map(Thing::id).collect();
            if ids.len() < page.items.len() {
                problems.push("an id stands twice on a page".to_owned());
            }
            self.note(operation, problems);
        }
        self.saw(operation, result)
    }

    async fn saw_create<R: Request, T: Answer + Created>(
        &self,
        operation: Operation,
        request: &R,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let place = self.journal.intend(request.intention());
        let result = call.await;
        match &result {
            Ok(created) => self.journal.identify(place, created.id()),
            Err(error) if error.side_effect() == SideEffect::None => self.journal.strike(place),
            Err(_) => {}
        }
        self.saw(operation, result)
    }
}

/// The witness has what the driver has, so this comes only of an accessor that changes its mind.
fn gone(accessor: &str) -> Error {
    Error::internal(format!("the accessor {accessor} gives nothing any more"))
}

/// One method: a `call`, a `list` or a `create`.
macro_rules! watch {
    ($self:ident, $inner:expr, $operation:ident, call, $cx:ident,
        $method:ident($($arg:ident),*)) => {
        $self.saw(Operation::$operation, $inner.$method($cx $(, $arg)*).await)
    };
    ($self:ident, $inner:expr, $operation:ident, list, $cx:ident, $method:ident($query:ident)) => {
        $self.saw_page(Operation::$operation, $query, $inner.$method($cx, $query).await)
    };
    ($self:ident, $inner:expr, $operation:ident, create, $cx:ident,
        $method:ident($request:ident)) => {
        $self
            .saw_create(Operation::$operation, $request, $inner.$method($cx, $request))
            .await
    };
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

macro_rules! accessors {
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
impl Driver for Witness {
    fn info(&self) -> &DriverInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        watch!(self, self.inner, Check, call, cx, check())
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let page = watch!(self, self.inner, ListNodes, list, cx, list_nodes(query))?;
        if let Some(node) = page
            .items
            .iter()
            .find(|node| node.state == NodeState::Terminated)
        {
            let problem = format!("node {} is terminated and listed", node.id);
            self.note(Operation::ListNodes, vec![problem]);
        }
        Ok(page)
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        let node = watch!(self, self.inner, GetNode, call, cx, get_node(id))?;
        if node.id != *id {
            let problem = format!("asked for node {id}, got {}", node.id);
            self.note(Operation::GetNode, vec![problem]);
        }
        Ok(node)
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        let created = watch!(
            self,
            self.inner,
            CreateNode,
            create,
            cx,
            create_node(request)
        )?;
        if request.mark.is_some() && created.node.mark != request.mark {
            let problem = format!(
                "the node was made with the mark {:?} and shows {:?}",
                request.mark, created.node.mark
            );
            self.note(Operation::CreateNode, vec![problem]);
        }
        Ok(created)
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        watch!(
            self,
            self.inner,
            RenameNode,
            call,
            cx,
            rename_node(id, name)
        )
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        watch!(self, self.inner, DestroyNode, call, cx, destroy_node(id))
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        watch!(self, self.inner, StartNode, call, cx, start_node(id))
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        watch!(self, self.inner, StopNode, call, cx, stop_node(id))
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        watch!(
            self,
            self.inner,
            RebootNode,
            call,
            cx,
            reboot_node(id, kind)
        )
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        watch!(self, self.inner, ListImages, list, cx, list_images(query))
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        watch!(self, self.inner, GetImage, call, cx, get_image(id))
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        watch!(self, self.inner, ListSizes, list, cx, list_sizes(query))
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        watch!(
            self,
            self.inner,
            ListLocations,
            list,
            cx,
            list_locations(query)
        )
    }

    accessors! {
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
