//! Nodes: list, show, rename, destroy.

use cloudfarm_contract::model::{
    AddressKind, ExtraText, ImageRef, Mark, Metadata, Node, NodeAction, NodeAddress, NodeState,
    VolumeState,
};
use cloudfarm_contract::{
    Context, Error, ErrorKind, MarkFilter, NodeQuery, Operation, Page, Result, Text, name_matches,
};

use crate::driver::DummyDriver;
use crate::generated::Generated;
use crate::ids::Kind;
use crate::locations::LOCATIONS;
use crate::node_snapshots;
use crate::records::NodeRecord;
use crate::sizes::SIZES;
use crate::states::{Phase, Status};
use crate::view::{Draft, View};
use crate::world::Slot;

impl DummyDriver {
    pub(crate) async fn nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        self.read(cx, Operation::ListNodes, |view| {
            let world = view.world;
            let show = |_, slot, nodes: &mut Vec<Node>| {
                if view.wants(query, &slot) {
                    match slot {
                        Slot::Generated(node) => nodes.push(view.show_generated(&node)),
                        Slot::Kept(ordinal, node) => nodes.extend(view.show_record(ordinal, node)),
                    }
                }
            };
            let page = &query.page;
            if let Some(MarkFilter::Is(mark)) = &query.mark {
                let marked = |after| {
                    let ordinals = world.marked(Kind::Node, mark, after);
                    ordinals.filter_map(|ordinal| Some((ordinal, world.node(ordinal)?)))
                };
                view.page(Kind::Node, page, marked, show)
            } else if !can_be_generated(query) {
                let changed = |after| world.changed_after(after).map(numbered);
                view.page(Kind::Node, page, changed, show)
            } else if let Some(name) = exact_name(query) {
                let named = |after| world.could_be_named(name, after).map(numbered);
                view.page(Kind::Node, page, named, show)
            } else {
                let all = |after| world.nodes_after(after).map(numbered);
                view.page(Kind::Node, page, all, show)
            }
        })
        .await
    }

    pub(crate) async fn node(&self, cx: &Context, id: &str) -> Result<Node> {
        self.read_node(cx, Operation::GetNode, id, |view| {
            view.show(view.slot(id)?)
                .ok_or_else(|| Kind::Node.not_found(id))
        })
        .await
    }

    pub(crate) async fn rename(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        self.write_node(cx, Operation::RenameNode, id, |draft, ordinal, mut node| {
            check_name(name)?;
            draft.check_action(ordinal, &node, NodeAction::Rename)?;
            node.name = Text::from(name);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }

    pub(crate) async fn destroy(&self, cx: &Context, id: &str) -> Result<()> {
        let destroyed = self
            .write_node(cx, Operation::DestroyNode, id, |draft, ordinal, node| {
                destroy(draft, ordinal, node);
                Ok(())
            })
            .await;
        match destroyed {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

fn numbered(slot: Slot<'_>) -> (u64, Slot<'_>) {
    (slot.ordinal(), slot)
}

/// Whether a node that nobody changed can be among the wanted: those run or are off, and carry
/// neither mark nor metadata.
fn can_be_generated(query: &NodeQuery) -> bool {
    let states = &query.states;
    query.mark.is_none()
        && query.metadata.is_empty()
        && (states.is_empty()
            || states.contains(&NodeState::Running)
            || states.contains(&NodeState::Stopped))
}

/// The name that is asked for, where it is one and no glob.
fn exact_name(query: &NodeQuery) -> Option<&str> {
    let name = query.name.as_deref()?;
    (!name.contains(['*', '?', '[', '{', '\\'])).then_some(name)
}

/// Refuses a name that no node can have.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let refuse = |why: &'static str| Err(Error::invalid(why).with_field("name"));
    if name.trim().is_empty() {
        return refuse("name is empty");
    }
    if name.chars().count() > 255 {
        return refuse("name has more than 255 characters");
    }
    if name.chars().any(char::is_control) {
        return refuse("name has control characters");
    }
    Ok(())
}

fn destroy(draft: &mut Draft<'_>, ordinal: u64, mut node: NodeRecord) {
    if node.status(draft.now) == Some(Status::Deleting) {
        return;
    }
    release(draft, ordinal, &node);
    node.ports.clear();
    node.floating.clear();
    node.volumes.clear();
    node.phase = Phase::vanishing(Status::Deleting, draft.now, draft.rules.times.destroy);
    draft.put(ordinal, node);
}

/// Takes off a node what outlives it, and deletes what goes with it.
pub(crate) fn release(draft: &mut Draft<'_>, ordinal: u64, node: &NodeRecord) {
    let (world, now) = (draft.world, draft.now);
    for number in &node.volumes {
        let Some(volume) = draft.present(&world.tables.volumes, *number) else {
            continue;
        };
        let mut volume = volume.clone();
        volume.attached = None;
        volume.phase = if volume.delete_with_node {
            Phase::vanishing(VolumeState::Deleting, now, draft.rules.times.volume)
        } else {
            Phase::lasting(VolumeState::Available)
        };
        draft.put(*number, volume);
    }
    let snapshots = &world.tables.node_snapshots;
    for (number, snapshot) in snapshots
        .iter()
        .filter(|(_, record)| record.node == ordinal)
    {
        node_snapshots::delete(draft, *number, snapshot.clone());
    }
    for number in &node.floating {
        if let Some(address) = world.tables.addresses.get(number)
            && address.leads_to.is_some_and(|(node, _)| node == ordinal)
        {
            let mut address = address.clone();
            address.leads_to = None;
            draft.put(*number, address);
        }
    }
}

impl View<'_> {
    /// Whether the query lets the node pass. It is asked before anything is spelled out.
    fn wants(&self, query: &NodeQuery, slot: &Slot<'_>) -> bool {
        match slot {
            Slot::Generated(_) if query.is_unfiltered() => true,
            Slot::Generated(node) => wants(
                query,
                node.name().as_str(),
                node.status,
                &Metadata::new(),
                None,
            ),
            Slot::Kept(_, node) => node.status(self.now).is_some_and(|status| {
                status != Status::Deleting
                    && wants(
                        query,
                        &node.name,
                        status,
                        &node.metadata,
                        node.mark.as_ref(),
                    )
            }),
        }
    }

    fn show(&self, slot: Slot<'_>) -> Option<Node> {
        match slot {
            Slot::Generated(node) => Some(self.show_generated(&node)),
            Slot::Kept(ordinal, node) => self.show_record(ordinal, node),
        }
    }

    fn show_generated(&self, node: &Generated) -> Node {
        let (image, name) = &self.world.stock[node.image];
        let ip = node.ip();
        let network = Some(crate::networks::PRIVATE_NAME);
        Node {
            cloud: self.cloud(),
            id: self.id(Kind::Node, node.ordinal),
            name: node.name().text(),
            state: node.status.state(),
            native_state: Text::from_static(node.status.native()),
            busy: false,
            image: Some(ImageRef {
                id: image.clone(),
                name: Some(name.clone()),
            }),
            size: Some(SIZES[node.size].reference()),
            location: Some(Text::from_static(LOCATIONS[node.location])),
            addresses: vec![NodeAddress::new(ip, network, AddressKind::Fixed)],
            public_ips: Vec::new(),
            private_ips: vec![ip],
            key_pair: None,
            security_groups: vec![crate::security_groups::DEFAULT_NAME],
            volumes: Vec::new(),
            metadata: Metadata::new(),
            mark: None,
            fault: None,
            created_at: Some(node.created_at()),
            actions: self.rules.actions.of(node.status, false),
            observed_at: self.now,
            extra: ExtraText::default(),
        }
    }

    /// The node as the contract has it; `None` once it is gone.
    pub(crate) fn show_record(&self, ordinal: u64, node: &NodeRecord) -> Option<Node> {
        let status = node.status(self.now)?;
        let busy = node.is_busy(self.now);
        let mut shown = Node {
            cloud: self.cloud(),
            id: self.id(Kind::Node, ordinal),
            name: node.name.clone(),
            state: status.state(),
            native_state: Text::from_static(status.native()),
            busy,
            image: Some(ImageRef {
                id: node.image.clone(),
                name: node.image_name.clone(),
            }),
            size: Some(SIZES[node.shown_size(self.now)].reference()),
            location: Some(Text::from_static(LOCATIONS[node.location])),
            addresses: Vec::new(),
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            key_pair: node.key_pair.clone(),
            security_groups: self.group_names(&node.groups),
            volumes: node
                .volumes
                .iter()
                .map(|volume| self.id(Kind::Volume, *volume))
                .collect(),
            metadata: node.metadata.clone(),
            mark: node.mark.clone(),
            fault: node.fault.clone().filter(|_| status == Status::Failed),
            created_at: Some(node.created_at),
            actions: self.rules.actions.of(status, busy),
            observed_at: self.now,
            extra: ExtraText::default(),
        };
        shown.set_addresses(self.node_addresses(node));
        Some(shown)
    }

    fn node_addresses(&self, node: &NodeRecord) -> Vec<NodeAddress> {
        let tables = &self.world.tables;
        let name = |network: u64| Some(tables.networks.get(&network)?.name.clone());
        let fixed = node
            .ports
            .iter()
            .map(|port| NodeAddress::new(port.ip, name(port.network), AddressKind::Fixed));
        let floating = node.floating.iter().filter_map(|number| {
            let address = tables.addresses.get(number)?;
            Some(NodeAddress::new(
                address.ip,
                name(address.network),
                AddressKind::Floating,
            ))
        });
        fixed.chain(floating).collect()
    }

    fn group_names(&self, groups: &[u64]) -> Vec<Text> {
        let table = &self.world.tables.security_groups;
        groups
            .iter()
            .filter_map(|group| Some(table.get(group)?.name.clone()))
            .collect()
    }

    /// Refuses an action that is not legal now, with the states in which it is.
    pub(crate) fn check_action(
        &self,
        ordinal: u64,
        node: &NodeRecord,
        action: NodeAction,
    ) -> Result<()> {
        let id = self.id(Kind::Node, ordinal);
        let Some(status) = node.status(self.now) else {
            return Err(Kind::Node.not_found(&id));
        };
        let busy = node.is_busy(self.now);
        let capabilities = &self.rules.capabilities;
        if self.rules.actions.of(status, busy).contains(action) {
            return Ok(());
        }
        let state = status.state();
        let allowed = capabilities.node_actions.states(action);
        let message = if busy && allowed.contains(&state) {
            format!(
                "node {id} is busy ({}), {action} has to wait",
                status.native()
            )
        } else {
            let names: Vec<_> = allowed.iter().map(|state| state.as_str()).collect();
            format!(
                "node {id} is {state} ({}), {action} needs it to be {}",
                status.native(),
                names.join(" or ")
            )
        };
        Err(Error::conflict(message)
            .with_allowed_states(allowed)
            .with_provider(Some(409), Some(Text::from_static("conflict")), None))
    }
}

fn wants(
    query: &NodeQuery,
    name: &str,
    status: Status,
    metadata: &Metadata,
    mark: Option<&Mark>,
) -> bool {
    (query.states.is_empty() || query.states.contains(&status.state()))
        && query
            .mark
            .as_ref()
            .is_none_or(|filter| filter.matches(mark))
        && query
            .metadata
            .iter()
            .all(|(key, value)| metadata.get(key) == Some(value))
        && query
            .name
            .as_ref()
            .is_none_or(|glob| name_matches(glob, name))
}
