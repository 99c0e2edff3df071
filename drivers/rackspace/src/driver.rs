//! One connection to Rackspace's public cloud.

use std::sync::{Arc, LazyLock};

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, CloudConfig, Context, Driver, DriverInfo, Extensions, ImageQuery, ListQuery,
    NodeQuery, Page, Result, Text, async_trait, extensions as x,
};
use cloudfarm_http::{TokenPool, Transport};
use cloudfarm_openstack::identity::{AuthAddress, Keystone};
use cloudfarm_openstack::{Compute, Images, Session, Storage};

use crate::access;
use crate::capabilities::capabilities;
use crate::networks::CloudNetworks;
use crate::nodes;
use crate::params::Params;
use crate::quotas::AccountQuotas;
use crate::readiness::Readiness;

/// Clouds that differ in their region alone log in once.
static TOKENS: LazyLock<TokenPool<Keystone>> = LazyLock::new(TokenPool::new);

/// A connection to Rackspace's public cloud.
#[derive(Debug)]
pub(crate) struct RackspaceDriver {
    info: DriverInfo,
    capabilities: Arc<Capabilities>,
    pub(crate) session: Arc<Session>,
    pub(crate) readiness: Readiness,
    pub(crate) compute: Compute,
    images: Images,
    storage: Storage,
    networks: CloudNetworks,
    quotas: AccountQuotas,
}

impl RackspaceDriver {
    pub(crate) fn connect(
        config: &CloudConfig,
        params: &Params,
        address: AuthAddress,
    ) -> Result<Self> {
        let (login, other) = access::logins(config, params)?;
        let choice = access::choice(params)?;
        let transport = Transport::new(config.name.clone(), &params.http, config.clock.clone())?;
        let info = DriverInfo {
            cloud: config.name.clone(),
            engine: Text::from_static(crate::NAME),
            endpoint: Some(Text::from(address.root().as_str())),
            region: params.region.as_deref().map(Text::from),
            api_version: Some(Text::from_static("v2")),
            identity: login.who().map(Text::from),
        };
        let clock = Arc::as_ptr(&config.clock).cast::<()>();
        let ways = if other.is_some() { "both" } else { "one" };
        let place = format!("{} {ways} {clock:p}", address.root());
        let tokens = TOKENS.get(login.key(&place, &params.http)?, || {
            let mut keystone = Keystone::new(transport.clone(), address, login);
            if let Some(other) = other {
                keystone = keystone.or(other);
            }
            keystone.into_tokens(config.clock.clone())
        });
        let session = Session::new(config.name.clone(), transport, tokens, choice);
        Ok(Self::new(info, Arc::new(session), Readiness::read(params)))
    }

    fn new(info: DriverInfo, session: Arc<Session>, readiness: Readiness) -> Self {
        let build = |can: Arc<Capabilities>| {
            let compute = Compute::new(Arc::clone(&session), Arc::clone(&can));
            Self {
                info: info.clone(),
                session: Arc::clone(&session),
                readiness,
                images: Images::new(Arc::clone(&session), compute.clone()),
                storage: Storage::new(Arc::clone(&session), compute.clone()).version_1(),
                networks: CloudNetworks::new(Arc::clone(&session)),
                quotas: AccountQuotas::new(Arc::clone(&session)),
                compute,
                capabilities: can,
            }
        };
        let bare = build(Arc::new(capabilities(Extensions::default())));
        build(Arc::new(capabilities(Extensions::of(&bare))))
    }
}

#[async_trait]
impl Driver for RackspaceDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        self.compute.check(cx).await
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        self.nodes(cx, query).await
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        let node = self.compute.get_node(cx, id).await?;
        self.finished(cx, node).await
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        let request = nodes::checked(request)?;
        // Nova refuses what is past its limits without the name of the field.
        check_node_create(self.capabilities(), &request)?;
        let mut created = self.compute.create_node(cx, &request).await?;
        self.finish(&mut created.node, self.region(cx).await.ok().as_ref());
        Ok(created)
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        self.compute.rename_node(cx, id, name).await
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.compute.destroy_node(cx, id).await
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.compute.start_node(cx, id).await
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.compute.stop_node(cx, id).await
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        self.compute.reboot_node(cx, id, *kind).await
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        self.images.list_images(cx, query).await
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.images.get_image(cx, id).await
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        self.compute.list_sizes(cx, query).await
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        self.regions(cx, query).await
    }

    fn key_pairs(&self) -> Option<&dyn x::KeyPairs> {
        Some(&self.compute)
    }

    fn volumes(&self) -> Option<&dyn x::Volumes> {
        Some(&self.storage)
    }

    fn volume_snapshots(&self) -> Option<&dyn x::VolumeSnapshots> {
        Some(&self.storage)
    }

    fn networks(&self) -> Option<&dyn x::Networks> {
        Some(&self.networks)
    }

    fn quotas(&self) -> Option<&dyn x::Quotas> {
        Some(&self.quotas)
    }

    fn node_images(&self) -> Option<&dyn x::NodeImages> {
        Some(&self.images)
    }

    fn resize(&self) -> Option<&dyn x::Resize> {
        Some(&self.compute)
    }

    fn resize_confirmation(&self) -> Option<&dyn x::ResizeConfirmation> {
        Some(&self.compute)
    }

    fn rebuild(&self) -> Option<&dyn x::Rebuild> {
        Some(&self.compute)
    }

    fn rescue(&self) -> Option<&dyn x::Rescue> {
        Some(&self.compute)
    }

    fn node_metadata(&self) -> Option<&dyn x::NodeMetadata> {
        Some(&self.compute)
    }

    fn node_password(&self) -> Option<&dyn x::NodePassword> {
        Some(&self.compute)
    }

    fn remote_console(&self) -> Option<&dyn x::RemoteConsole> {
        Some(&self.compute)
    }
}
