//! The core of the contract, watched.

use cloudfarm_contract::extensions::{
    Addresses, ConsoleLog, KeyPairs, Networks, NodeImages, NodeMetadata, NodePassword,
    NodeSnapshots, Pause, ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize,
    ResizeConfirmation, Routers, SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use cloudfarm_contract::model::{
    Image, Location, Node, NodeCreate, NodeCreated, NodeState, RebootKind, Size,
};
use cloudfarm_contract::{
    Capabilities, Context, Driver, DriverInfo, ImageQuery, ListQuery, NodeQuery, Operation, Page,
    Result, async_trait,
};

use super::Witness;

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
