use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{
    ExtraText, Image, ImageRef, Location, Node, NodeAction, NodeActionTable, NodeActions,
    NodeCreate, NodeCreated, NodeSecrets, NodeState, RebootKind, Size, SizeRef,
};
use cloudfarm_contract::{
    Capabilities, Clock, CloudConfig, Context, Driver, DriverInfo, Error, ImageQuery, ListQuery,
    Marker, NodeQuery, Page, PageRequest, Result, Text, async_trait,
};

use crate::Params;
use crate::catalogue::{self, IMAGE, SIZE};

// ANCHOR: capabilities
const UP: &[NodeState] = &[NodeState::Running];
const DOWN: &[NodeState] = &[NodeState::Stopped];
const ANY: &[NodeState] = &[NodeState::Running, NodeState::Stopped];

const CAPABILITIES: Capabilities = Capabilities {
    node_actions: NodeActionTable::EMPTY
        .allow(NodeAction::Start, DOWN)
        .allow(NodeAction::Stop, UP)
        .allow(NodeAction::Reboot, UP)
        .allow(NodeAction::Rename, ANY)
        .allow(NodeAction::Destroy, ANY),
    node_create_idempotent: true,
    node_create_with_metadata: true,
    node_name_length_max: Some(63),
    ..Capabilities::CORE
};
// ANCHOR_END: capabilities

/// A connection to a cloud, which is the cloud itself.
#[derive(Debug)]
pub(crate) struct MinimalDriver {
    info: DriverInfo,
    params: Params,
    clock: Arc<dyn Clock>,
    cloud: Mutex<Cloud>,
}

#[derive(Debug, Default)]
struct Cloud {
    nodes: BTreeMap<u64, Node>,
    last_number: u64,
}

impl MinimalDriver {
    pub(crate) fn new(config: CloudConfig, params: Params) -> Self {
        let info = DriverInfo {
            cloud: config.name,
            engine: Text::from_static("minimal"),
            endpoint: None,
            region: Some(params.region.clone()),
            api_version: None,
            identity: config.user.map(Text::from),
        };
        Self {
            info,
            params,
            clock: config.clock,
            cloud: Mutex::default(),
        }
    }

    fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node as it is seen now.
    fn shown(&self, stored: &Node) -> Node {
        Node {
            actions: CAPABILITIES.actions(stored.state, stored.busy),
            observed_at: self.clock.now(),
            ..stored.clone()
        }
    }

    fn new_node(&self, number: u64, request: &NodeCreate) -> Node {
        Node {
            cloud: self.info.cloud.clone(),
            id: Text::from(format!("node-{number}")),
            name: request.name.clone(),
            state: NodeState::Running,
            native_state: Text::from_static("up"),
            busy: false,
            image: Some(ImageRef {
                id: IMAGE,
                name: None,
            }),
            size: Some(SizeRef {
                id: Some(SIZE),
                name: None,
                vcpus: Some(1),
                ram_mb: Some(512),
                disk_gb: Some(1),
            }),
            location: Some(self.params.region.clone()),
            addresses: Vec::new(),
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            key_pair: None,
            security_groups: Vec::new(),
            volumes: Vec::new(),
            metadata: request.metadata.clone(),
            mark: request.mark.clone(),
            fault: None,
            created_at: Some(self.clock.now()),
            actions: NodeActions::default(),
            observed_at: self.clock.now(),
            extra: ExtraText::default(),
        }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Node)) -> Result<()> {
        let mut cloud = self.cloud();
        let number = number(id).ok_or_else(|| unknown_node(id))?;
        change(
            cloud
                .nodes
                .get_mut(&number)
                .ok_or_else(|| unknown_node(id))?,
        );
        Ok(())
    }

    fn set_state(&self, id: &str, state: NodeState, native: &'static str) -> Result<()> {
        self.change(id, |node| {
            node.state = state;
            node.native_state = Text::from_static(native);
        })
    }
}

fn number(id: &str) -> Option<u64> {
    id.strip_prefix("node-")?.parse().ok()
}

fn unknown_node(id: &str) -> Error {
    Error::not_found(format!("no node has the id {id}"))
}

// ANCHOR: paging
/// One page of `items`, which are in the order of their numbers. The marker of a page is the number
/// of its last item, so it stays right while items come and go.
fn page<T>(items: impl Iterator<Item = (u64, T)>, request: &PageRequest) -> Result<Page<T>> {
    let after = match &request.marker {
        None => None,
        Some(marker) => Some(marker.as_str().parse::<u64>().map_err(|_| {
            Error::invalid("the marker is not one that this cloud gave").with_field("marker")
        })?),
    };
    let limit = request.limit.unwrap_or(100).max(1) as usize;
    let mut rest = items.filter(|(number, _)| after.is_none_or(|after| *number > after));
    let taken: Vec<_> = rest.by_ref().take(limit).collect();
    let last = taken.last().map(|(number, _)| number.to_string());
    let next = rest.next().and(last).map(Marker::new);
    let items = taken.into_iter().map(|(_, item)| item).collect();
    Ok(Page { items, next })
}
// ANCHOR_END: paging

#[async_trait]
impl Driver for MinimalDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn check(&self, _cx: &Context) -> Result<()> {
        Ok(())
    }

    async fn list_nodes(&self, _cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let cloud = self.cloud();
        let nodes = cloud.nodes.iter();
        let matching = nodes.filter(|(_, node)| query.matches(node));
        page(
            matching.map(|(number, node)| (*number, self.shown(node))),
            &query.page,
        )
    }

    async fn get_node(&self, _cx: &Context, id: &str) -> Result<Node> {
        let cloud = self.cloud();
        let node = number(id).and_then(|number| cloud.nodes.get(&number));
        node.map(|node| self.shown(node))
            .ok_or_else(|| unknown_node(id))
    }

    // ANCHOR: create
    async fn create_node(&self, _cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        check_node_create(&CAPABILITIES, request)?;
        if request.image != IMAGE {
            let message = format!("no image has the id {}", request.image);
            return Err(Error::not_found(message).with_field("image"));
        }
        if request.size != SIZE {
            let message = format!("no size has the id {}", request.size);
            return Err(Error::not_found(message).with_field("size"));
        }
        let mut cloud = self.cloud();
        let twin = |node: &&Node| node.mark.is_some() && node.mark == request.mark;
        if let Some(first) = cloud.nodes.values().find(twin) {
            return Ok(created(self.shown(first)));
        }
        if cloud.nodes.len() >= self.params.capacity {
            let message = format!("all {} places are taken", self.params.capacity);
            return Err(Error::no_capacity(message));
        }
        cloud.last_number += 1;
        let number = cloud.last_number;
        let node = self.new_node(number, request);
        cloud.nodes.insert(number, node.clone());
        Ok(created(self.shown(&node)))
    }
    // ANCHOR_END: create

    async fn rename_node(&self, _cx: &Context, id: &str, name: &str) -> Result<()> {
        self.change(id, |node| node.name = Text::from(name))
    }

    // ANCHOR: destroy
    async fn destroy_node(&self, _cx: &Context, id: &str) -> Result<()> {
        if let Some(number) = number(id) {
            self.cloud().nodes.remove(&number);
        }
        Ok(())
    }
    // ANCHOR_END: destroy

    async fn start_node(&self, _cx: &Context, id: &str) -> Result<()> {
        self.set_state(id, NodeState::Running, "up")
    }

    async fn stop_node(&self, _cx: &Context, id: &str) -> Result<()> {
        self.set_state(id, NodeState::Stopped, "down")
    }

    async fn reboot_node(&self, _cx: &Context, id: &str, _kind: &RebootKind) -> Result<()> {
        self.set_state(id, NodeState::Running, "up")
    }

    async fn list_images(&self, _cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        let all = [(1, catalogue::image(&self.info.cloud))].into_iter();
        page(all.filter(|(_, image)| query.matches(image)), &query.page)
    }

    async fn get_image(&self, _cx: &Context, id: &str) -> Result<Image> {
        let image = catalogue::image(&self.info.cloud);
        if image.id == *id {
            return Ok(image);
        }
        Err(Error::not_found(format!("no image has the id {id}")))
    }

    async fn list_sizes(&self, _cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        let size = catalogue::size(&self.info.cloud);
        let all = [(1, size)].into_iter();
        page(
            all.filter(|(_, size)| query.matches(&size.name)),
            &query.page,
        )
    }

    async fn list_locations(&self, _cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        let location = catalogue::location(&self.info.cloud, &self.params.region);
        let all = [(1, location)].into_iter();
        page(all.filter(|(_, it)| query.matches(&it.name)), &query.page)
    }
}

fn created(node: Node) -> NodeCreated {
    NodeCreated {
        node,
        secrets: NodeSecrets::default(),
    }
}
