//! Nodes: list, look up, make, change.

use std::sync::Arc;

use cloudfarm_contract::extensions::{ConsoleKind, ConsoleOutput, ConsoleRead, ConsoleUrl};
use cloudfarm_contract::layers::{Layered, check_node_create};
use cloudfarm_contract::model::{
    Extra, Metadata, NetworkAttachment, Node, NodeAction, NodeCreate, RootVolume,
};
use cloudfarm_contract::{
    Context, Driver, Error, Extension, NodeQuery, Page, PageRequest, Result, Secret, Text,
};

use super::leases::{self, LeaseWish};
use super::{Call, Orchestrator, legal, resolve, select, validate};
use crate::farm::{CloudAnswer, extension};
use crate::jobs::JobHandle;
use crate::jobs::kinds::{Change, Create, NodeChange};
use crate::leases::{LeaseTerms, Leased, NodePage, NodeView};

/// A node as a client asks for it: names, globs and needs where the driver wants ids.
#[derive(Debug, Default)]
pub struct NewNode {
    /// The name.
    pub name: Text,
    /// An image: id, name or glob.
    pub image: Text,
    /// A size: id, name, glob or need.
    pub size: Text,
    /// A location.
    pub location: Option<Text>,
    /// The name of a key pair.
    pub key_pair: Option<Text>,
    /// What it runs at its first boot.
    pub user_data: Option<Secret>,
    /// The administrator's password.
    pub admin_password: Option<Secret>,
    /// What its owner keeps on it.
    pub metadata: Metadata,
    /// Networks by id or name.
    pub networks: Vec<NetworkAttachment>,
    /// Security groups by id or name.
    pub security_groups: Vec<Text>,
    /// The disk that it boots from.
    pub root_volume: Option<RootVolume>,
    /// What only the engine knows.
    pub options: Extra,
    /// Its lease.
    pub terms: LeaseTerms,
}

impl Orchestrator {
    /// One page of a cloud's nodes.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud fails with.
    pub async fn list_nodes(
        &self,
        call: &Call,
        cloud: &str,
        query: &NodeQuery,
        wish: &LeaseWish,
    ) -> Result<NodePage> {
        let farm = self.farm();
        let cloud = farm.get(cloud)?;
        let page = cloud.driver()?.list_nodes(call.cx(), query).await?;
        self.with_leases(cloud.name(), page, wish).await
    }

    /// One page of the nodes of each of these clouds, or of all. `page` says where each goes on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud. What a cloud fails with stands in its answer.
    pub async fn list_nodes_of_many(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        (query, wish): (&NodeQuery, &LeaseWish),
        page: impl Fn(&str) -> Option<PageRequest>,
    ) -> Result<Vec<CloudAnswer<Page<NodeView>>>> {
        let ask = async |driver: Arc<Layered>, cx: Context, page| {
            let query = NodeQuery {
                page,
                ..query.clone()
            };
            let page = driver.list_nodes(&cx, &query).await?;
            let page = self.with_leases(&driver.info().cloud, page, wish).await?;
            Ok(page.into_views())
        };
        self.pages_of_many(call, clouds, page, ask).await
    }

    /// A node by id or name.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name.
    pub async fn get_node(&self, call: &Call, cloud: &str, node: &str) -> Result<NodeView> {
        let farm = self.farm();
        let cloud = farm.get(cloud)?;
        let found: Node = resolve::find(cloud.driver()?, call.cx(), node).await?;
        let mut view = NodeView::from(found);
        self.add_lease_if_known(cloud.name(), &mut view).await;
        Ok(view)
    }

    /// Plans a node and begins to make it.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `not_found` for the cloud.
    pub async fn create_node(&self, call: &Call, cloud: &str, new: NewNode) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        self.check_terms(&new.terms)?;
        let terms = new.terms.clone();
        let request = plan(&on.driver, call, new).await?;
        on.check(|can| check_node_create(can, &request))?;
        if terms.is_empty() {
            return on.create(request).await;
        }
        let cloud = on.cloud.clone();
        let work = Create { cloud, request };
        on.submit(Leased { work, terms }).await
    }

    /// Begins to change a node. `accept` may refuse it as it is now.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` for an ambiguous name, and for an action that is illegal in the
    /// node's state: then it says which states allow it, and for the end of a node that is
    /// protected; `unsupported` if no state does.
    pub async fn change_node(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        change: Change,
        accept: impl FnOnce(&NodeView) -> Result<()>,
    ) -> Result<JobHandle> {
        let farm = self.farm();
        let cloud = farm.get(cloud)?;
        let driver = cloud.driver()?;
        let node: Node = resolve::find(driver, call.cx(), node).await?;
        let view = self.with_lease(cloud.name(), node).await?;
        accept(&view)?;
        check_actions(driver, &view.node, &change)?;
        if matches!(change, Change::Destroy) {
            leases::check_protection(&view)?;
        }
        let NodeView { node, .. } = view;
        let change = resolve_change(driver, call, change).await?;
        let work = NodeChange {
            cloud: cloud.name().clone(),
            node: node.id,
            change,
        };
        self.jobs.submit(&work, call.submission()).await
    }

    /// The end of a node's console output.
    ///
    /// # Errors
    ///
    /// `invalid` for no line or more than 100,000; `not_found`; `unsupported` where the cloud keeps
    /// none.
    pub async fn read_console(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        lines: Option<u32>,
    ) -> Result<ConsoleOutput> {
        if let Some(lines) = lines {
            validate::console_lines("lines", lines)?;
        }
        let farm = self.farm();
        let driver = farm.get(cloud)?.driver()?;
        let console = driver.console_log();
        let console = extension(driver, console, Extension::ConsoleLog)?;
        let node: Node = resolve::find(driver, call.cx(), node).await?;
        console
            .read_console(call.cx(), &node.id, &ConsoleRead { lines })
            .await
    }

    /// A way into a node's console.
    ///
    /// # Errors
    ///
    /// `not_found`; `unsupported` where the cloud has none.
    pub async fn open_console(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        kind: Option<Text>,
    ) -> Result<ConsoleUrl> {
        let farm = self.farm();
        let driver = farm.get(cloud)?.driver()?;
        let console = driver.remote_console();
        let console = extension(driver, console, Extension::RemoteConsole)?;
        let node: Node = resolve::find(driver, call.cx(), node).await?;
        console
            .open_console(call.cx(), &node.id, &ConsoleKind { kind })
            .await
    }
}

async fn plan(driver: &Layered, call: &Call, new: NewNode) -> Result<NodeCreate> {
    check_new(&new)?;
    let parts = find_parts(driver, call, &new).await?;
    Ok(assemble(new, parts))
}

/// Refuses what is wrong whatever the cloud.
pub(super) fn check_new(new: &NewNode) -> Result<()> {
    validate::name("name", &new.name)?;
    validate::metadata(&new.metadata)?;
    match &new.root_volume {
        Some(volume) => validate::size_gb("root_volume.size_gb", volume.size_gb),
        None => Ok(()),
    }
}

/// What a new node is made of, by id.
#[derive(Debug, Clone)]
pub(super) struct NodeParts {
    image: Text,
    size: Text,
    networks: Vec<NetworkAttachment>,
    security_groups: Vec<Text>,
}

impl NewNode {
    /// All that its parts are found by.
    pub(super) fn look_ups(&self) -> String {
        let (networks, groups) = (&self.networks, &self.security_groups);
        format!("{:?} {:?} {networks:?} {groups:?}", self.image, self.size)
    }
}

pub(super) async fn find_parts(driver: &Layered, call: &Call, new: &NewNode) -> Result<NodeParts> {
    let cx = call.cx();
    let (image, size) = tokio::try_join!(
        select::image(driver, cx, &new.image),
        select::size(driver, cx, &new.size)
    )?;
    if image.min_ram_mb.is_some_and(|needed| needed > size.ram_mb) {
        return Err(Error::invalid(format!(
            "image {:?} needs {} MB of memory, size {:?} has {}",
            image.name.as_str(),
            image.min_ram_mb.unwrap_or_default(),
            size.name.as_str(),
            size.ram_mb
        ))
        .with_field("size"));
    }
    let (networks, groups) = (new.networks.clone(), new.security_groups.clone());
    Ok(NodeParts {
        image: image.id,
        size: size.id,
        networks: resolve::networks(driver, cx, networks).await?,
        security_groups: resolve::security_groups(driver, cx, groups).await?,
    })
}

pub(super) fn assemble(new: NewNode, parts: NodeParts) -> NodeCreate {
    NodeCreate {
        name: new.name,
        image: parts.image,
        size: parts.size,
        location: new.location,
        key_pair: new.key_pair,
        user_data: new.user_data,
        admin_password: new.admin_password,
        metadata: new.metadata,
        networks: parts.networks,
        security_groups: parts.security_groups,
        root_volume: new.root_volume,
        options: new.options,
        mark: None,
    }
}

/// Turns the names in a change into ids.
pub(super) async fn resolve_change(
    driver: &Layered,
    call: &Call,
    change: Change,
) -> Result<Change> {
    Ok(match change {
        Change::Resize(size) => Change::Resize(select::size(driver, call.cx(), &size).await?.id),
        Change::Rebuild(mut request) => {
            request.image = select::image(driver, call.cx(), &request.image).await?.id;
            Change::Rebuild(request)
        }
        Change::Rescue(mut request) => {
            if let Some(image) = &request.image {
                request.image = Some(select::image(driver, call.cx(), image).await?.id);
            }
            Change::Rescue(request)
        }
        Change::Update { name, metadata } => {
            if let Some(name) = &name {
                validate::name("name", name)?;
            }
            if let Some(change) = &metadata {
                let items = change
                    .set
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()));
                let removed = change.remove.iter().map(|key| (key.as_str(), ""));
                validate::metadata(items.chain(removed))?;
            }
            Change::Update { name, metadata }
        }
        other => other,
    })
}

/// The actions that a change needs, as the capabilities and a node's `actions` name them.
fn needed_actions(change: &Change) -> Vec<NodeAction> {
    match change {
        Change::Destroy => vec![NodeAction::Destroy],
        Change::Start => vec![NodeAction::Start],
        Change::Stop => vec![NodeAction::Stop],
        Change::Reboot(_) => vec![NodeAction::Reboot],
        Change::Update { name, metadata } => name
            .iter()
            .map(|_| NodeAction::Rename)
            .chain(metadata.iter().map(|_| NodeAction::SetMetadata))
            .collect(),
        Change::Resize(_) => vec![NodeAction::Resize],
        Change::ConfirmResize => vec![NodeAction::ConfirmResize],
        Change::RevertResize => vec![NodeAction::RevertResize],
        Change::Rebuild(_) => vec![NodeAction::Rebuild],
        Change::Suspend => vec![NodeAction::Suspend],
        Change::Resume => vec![NodeAction::Resume],
        Change::Pause => vec![NodeAction::Pause],
        Change::Unpause => vec![NodeAction::Unpause],
        Change::Shelve => vec![NodeAction::Shelve],
        Change::Unshelve => vec![NodeAction::Unshelve],
        Change::Rescue(_) => vec![NodeAction::Rescue],
        Change::Unrescue => vec![NodeAction::Unrescue],
        Change::ChangePassword(_) => vec![NodeAction::ChangePassword],
    }
}

/// Refuses what the cloud can do to no node, before it is asked.
pub(super) fn check_capable(driver: &Layered, change: &Change) -> Result<()> {
    needed_actions(change)
        .into_iter()
        .try_for_each(|action| legal::capable(driver, action))
}

/// Refuses what is illegal for the node as it is, before the cloud is asked.
pub(super) fn check_actions(driver: &Layered, node: &Node, change: &Change) -> Result<()> {
    needed_actions(change)
        .into_iter()
        .try_for_each(|action| legal::action(driver, node, action))
}
