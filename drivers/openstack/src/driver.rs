//! One connection to an OpenStack cloud.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, CloudConfig, Context, Driver, DriverInfo, Extensions, ImageQuery, ListQuery,
    NodeQuery, Page, Result, Text, async_trait, extensions as x,
};
use cloudfarm_http::{TokenPool, Transport};

use crate::capabilities::capabilities;
use crate::catalog::{ServiceKind, Wanted};
use crate::compute::Compute;
use crate::endpoint::override_of;
use crate::identity::{AuthAddress, Keystone, Login};
use crate::images::Images;
use crate::network::Net;
use crate::params::{Endpoints, Params, wrong};
use crate::projects::Projects;
use crate::quotas::ProjectQuotas;
use crate::session::{Choice, Session};
use crate::version::Microversion;
use crate::volume::Storage;

/// Clouds that differ in their region alone log in once.
static TOKENS: LazyLock<TokenPool<Keystone>> = LazyLock::new(TokenPool::new);

/// A connection to an OpenStack cloud.
#[derive(Debug)]
pub(crate) struct OpenStackDriver {
    info: DriverInfo,
    capabilities: Arc<Capabilities>,
    compute: Compute,
    images: Images,
    storage: Storage,
    net: Net,
    quotas: ProjectQuotas,
    projects: Projects,
}

impl OpenStackDriver {
    /// Connects as the engine of this name.
    pub(crate) fn connect(engine: &'static str, config: &CloudConfig) -> Result<Self> {
        let params = Params::read(config)?;
        let address = AuthAddress::parse("extra_params.auth_url", &params.auth_url)?;
        let login = Login::read(&params, config.user.as_deref(), config.password.as_ref())?;
        let choice = choice(&params)?;
        let transport = Transport::new(config.name.clone(), &params.http, config.clock.clone())?;
        let info = DriverInfo {
            cloud: config.name.clone(),
            engine: Text::from_static(engine),
            endpoint: Some(Text::from(address.root().as_str())),
            region: params.region.as_deref().map(Text::from),
            api_version: choice
                .newest_compute
                .map(|version| Text::from(version.to_string())),
            identity: login.who().map(Text::from),
        };
        let clock = Arc::as_ptr(&config.clock).cast::<()>();
        let key = login.key(&format!("{} {clock:p}", params.auth_url), &params.http)?;
        let tokens = TOKENS.get(key, || {
            Keystone::new(transport.clone(), address, login).into_tokens(config.clock.clone())
        });
        let session = Session::new(config.name.clone(), transport, tokens, choice);
        Ok(Self::new(info, Arc::new(session)))
    }

    fn new(info: DriverInfo, session: Arc<Session>) -> Self {
        let build = |can: Arc<Capabilities>| {
            let compute = Compute::new(Arc::clone(&session), Arc::clone(&can));
            Self {
                info: info.clone(),
                images: Images::new(Arc::clone(&session), compute.clone()),
                storage: Storage::new(Arc::clone(&session), compute.clone()),
                net: Net::new(Arc::clone(&session), compute.clone()),
                quotas: ProjectQuotas::new(Arc::clone(&session)),
                projects: Projects::new(Arc::clone(&session)),
                compute,
                capabilities: can,
            }
        };
        let bare = build(Arc::new(capabilities(Extensions::default())));
        build(Arc::new(capabilities(Extensions::of(&bare))))
    }
}

fn choice(params: &Params) -> Result<Choice> {
    let newest_compute = match &params.compute_api_version {
        None => None,
        Some(text) => Some(
            text.parse::<Microversion>()
                .map_err(|error| wrong("compute_api_version", error.message()))?,
        ),
    };
    Ok(Choice {
        wanted: Wanted {
            region: params.region.as_deref().map(Text::from),
            interface: params.interface,
            name: None,
        },
        overrides: overrides(&params.endpoints)?,
        newest_compute,
        ..Choice::default()
    })
}

fn overrides(endpoints: &Endpoints) -> Result<HashMap<ServiceKind, Text>> {
    let given = [
        (ServiceKind::Compute, &endpoints.compute),
        (ServiceKind::Image, &endpoints.image),
        (ServiceKind::Network, &endpoints.network),
        (ServiceKind::Volume, &endpoints.volume),
    ];
    let mut overrides = HashMap::new();
    for (service, address) in given {
        if let Some(address) = override_of(service.as_str(), address.as_ref())? {
            overrides.insert(service, address);
        }
    }
    Ok(overrides)
}

#[async_trait]
impl Driver for OpenStackDriver {
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
        self.compute.list_nodes(cx, query).await
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        self.compute.get_node(cx, id).await
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        // Nova refuses what is past its limits without the name of the field.
        check_node_create(self.capabilities(), request)?;
        self.compute.create_node(cx, request).await
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
        self.compute.list_locations(cx, query).await
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
        Some(&self.net)
    }

    fn routers(&self) -> Option<&dyn x::Routers> {
        Some(&self.net)
    }

    fn security_groups(&self) -> Option<&dyn x::SecurityGroups> {
        Some(&self.net)
    }

    fn addresses(&self) -> Option<&dyn x::Addresses> {
        Some(&self.net)
    }

    fn quotas(&self) -> Option<&dyn x::Quotas> {
        Some(&self.quotas)
    }

    fn provider_projects(&self) -> Option<&dyn x::ProviderProjects> {
        Some(&self.projects)
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

    fn suspend(&self) -> Option<&dyn x::Suspend> {
        Some(&self.compute)
    }

    fn pause(&self) -> Option<&dyn x::Pause> {
        Some(&self.compute)
    }

    fn shelve(&self) -> Option<&dyn x::Shelve> {
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

    fn console_log(&self) -> Option<&dyn x::ConsoleLog> {
        Some(&self.compute)
    }

    fn remote_console(&self) -> Option<&dyn x::RemoteConsole> {
        Some(&self.compute)
    }
}
