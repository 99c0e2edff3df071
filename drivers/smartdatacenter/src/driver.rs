//! One connection to a SmartDataCenter cloud.

use std::sync::Arc;

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, CloudConfig, Context, Driver, DriverInfo, Error, Extensions, ImageQuery,
    ListQuery, NodeQuery, Page, Result, Text, async_trait, extensions as x,
};
use cloudfarm_http::{Transport, parse_endpoint};

use crate::call::Call;
use crate::capabilities::capabilities;
use crate::catalogue::Catalogue;
use crate::images::Images;
use crate::key_pairs::Keys;
use crate::machines::Machines;
use crate::network::Net;
use crate::params::Params;
use crate::quotas::Limits;
use crate::session::Session;
use crate::signature::Signer;
use crate::{locations, sizes};

/// A connection to a SmartDataCenter cloud.
#[derive(Debug)]
pub(crate) struct SmartDataCenterDriver {
    info: DriverInfo,
    capabilities: Arc<Capabilities>,
    session: Arc<Session>,
    machines: Machines,
    images: Images,
    keys: Keys,
    net: Net,
    limits: Limits,
}

impl SmartDataCenterDriver {
    pub(crate) fn connect(config: &CloudConfig) -> Result<Self> {
        let params = Params::read(config)?;
        let base = parse_endpoint("extra_params.url", &params.url)?;
        let signer = Signer::read(&params, config.user.as_deref())?;
        let transport = Transport::new(config.name.clone(), &params.http, config.clock.clone())?;
        let info = DriverInfo {
            cloud: config.name.clone(),
            engine: Text::from_static(crate::NAME),
            endpoint: Some(Text::from(base.as_str())),
            region: params.datacenter.as_deref().map(Text::from),
            api_version: Some(Text::from_static("9")),
            identity: Some(Text::from(signer.who())),
        };
        let session = Session::new(config.name.clone(), transport, base, signer)
            .in_roles(&params.roles)
            .at(params.datacenter.clone());
        Ok(Self::new(info, Arc::new(session), &params))
    }

    fn new(info: DriverInfo, session: Arc<Session>, params: &Params) -> Self {
        let build = |can: Arc<Capabilities>| {
            let catalogue = Arc::new(Catalogue::new(Arc::clone(&session)));
            let net = Net::new(Arc::clone(&session), Arc::clone(&catalogue));
            Self {
                info: info.clone(),
                session: Arc::clone(&session),
                images: Images::new(Arc::clone(&session), Arc::clone(&can)),
                machines: Machines::new(
                    Arc::clone(&session),
                    Arc::clone(&can),
                    catalogue,
                    net.clone(),
                    params,
                ),
                keys: Keys(Arc::clone(&session)),
                limits: Limits(Arc::clone(&session)),
                net,
                capabilities: can,
            }
        };
        let bare = build(Arc::new(capabilities(Extensions::default())));
        build(Arc::new(capabilities(Extensions::of(&bare))))
    }
}

#[async_trait]
impl Driver for SmartDataCenterDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        let call = Call::get(&["machines"]).query("limit", "1");
        self.session.ask(cx, &call).await.map(drop)
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        self.machines.list_nodes(cx, query).await
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        self.machines.get_node(cx, id).await
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        // Not every server of this API refuses what is past its limits.
        check_node_create(self.capabilities(), request)?;
        self.machines.create_node(cx, request).await
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        self.machines.rename_node(cx, id, name).await
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.machines.destroy_node(cx, id).await
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.machines.start_node(cx, id).await
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.machines.stop_node(cx, id).await
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        if *kind == RebootKind::Hard {
            return Err(Error::unsupported(
                "this cloud knows one kind of reboot (node_reboot_hard)",
            ));
        }
        self.machines.reboot_node(cx, id).await
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        self.images.list_images(cx, query).await
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.images.get_image(cx, id).await
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        sizes::list_sizes(&self.session, cx, query).await
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        locations::list_locations(&self.session, cx, query).await
    }

    fn key_pairs(&self) -> Option<&dyn x::KeyPairs> {
        Some(&self.keys)
    }

    fn node_snapshots(&self) -> Option<&dyn x::NodeSnapshots> {
        Some(&self.machines)
    }

    fn node_images(&self) -> Option<&dyn x::NodeImages> {
        Some(&self.images)
    }

    fn networks(&self) -> Option<&dyn x::Networks> {
        Some(&self.net)
    }

    fn security_groups(&self) -> Option<&dyn x::SecurityGroups> {
        Some(&self.net)
    }

    fn resize(&self) -> Option<&dyn x::Resize> {
        Some(&self.machines)
    }

    fn node_metadata(&self) -> Option<&dyn x::NodeMetadata> {
        Some(&self.machines)
    }

    fn quotas(&self) -> Option<&dyn x::Quotas> {
        Some(&self.limits)
    }
}
