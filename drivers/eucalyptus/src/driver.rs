//! One connection to a cloud that speaks the EC2 query API.

use std::time::Duration;

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, CloudConfig, Context, Driver, DriverInfo, Extensions, ImageQuery, ListQuery,
    NodeQuery, Page, Result, Text, async_trait, extensions as x,
};
use cloudfarm_http::Transport;

use crate::Flavour;
use crate::aws_files::process_variables;
use crate::capabilities::capabilities;
use crate::compute::Newborns;
use crate::compute::lookups::Lookups;
use crate::credentials::{Found, find};
use crate::endpoint::Endpoint;
use crate::list::Pages;
use crate::network::names::VpcNames;
use crate::params::Params;
use crate::session::Session;

/// The version of the API that is asked for unless the settings say otherwise.
const API_VERSION: &str = "2016-11-15";

const GRACE: Duration = Duration::from_secs(60);

/// A connection to a cloud.
#[derive(Debug)]
pub(crate) struct Ec2Driver {
    info: DriverInfo,
    capabilities: Capabilities,
    pub(crate) session: Session,
    pub(crate) flavour: Flavour,
    pub(crate) vpc: bool,
    paging: bool,
    pub(crate) image_owners: Vec<String>,
    pub(crate) lookups: Lookups,
    pub(crate) newborns: Newborns,
    pub(crate) vpc_names: VpcNames,
}

impl Ec2Driver {
    pub(crate) fn connect(flavour: Flavour, config: &CloudConfig) -> Result<Self> {
        let params = Params::read(config)?;
        let Found {
            credentials,
            region,
            identity,
        } = find(config, &params, &process_variables())?;
        // A region of Amazon's means nothing to a Eucalyptus cloud.
        let region = region.filter(|_| flavour == Flavour::Ec2);
        let endpoint = Endpoint::of(flavour, &params, region.as_deref())?;
        let version = params.api_version.as_deref().unwrap_or(API_VERSION);
        let grace = params
            .visibility_grace
            .map_or(GRACE, |grace| grace.duration());
        let is_ec2 = flavour == Flavour::Ec2;
        let owners = || match flavour {
            Flavour::Ec2 => vec!["self".to_owned(), "amazon".to_owned()],
            Flavour::Eucalyptus => Vec::new(),
        };
        let mut driver = Self {
            info: DriverInfo {
                cloud: config.name.clone(),
                engine: Text::from_static(flavour.name()),
                endpoint: Some(Text::from(endpoint.url.as_str())),
                region: Some(endpoint.region.clone()),
                api_version: Some(Text::from(version)),
                identity: Some(identity),
            },
            capabilities: Capabilities::CORE,
            session: Session {
                cloud: config.name.clone(),
                transport: Transport::new(config.name.clone(), &params.http, config.clock.clone())?,
                endpoint,
                signature: params.signature,
                api_version: Text::from(version),
                credentials,
            },
            flavour,
            vpc: params.vpc.unwrap_or(is_ec2),
            paging: params.paging.unwrap_or(is_ec2),
            image_owners: params.image_owners.unwrap_or_else(owners),
            lookups: Lookups::default(),
            newborns: Newborns::new(grace),
            vpc_names: VpcNames::default(),
        };
        driver.capabilities = capabilities(flavour, driver.vpc, Extensions::of(&driver));
        Ok(driver)
    }

    /// How a list is asked for that has pages of at most `most` items on Amazon.
    pub(crate) fn pages(&self, most: u32) -> Pages {
        if self.paging {
            Pages::Of(most)
        } else {
            Pages::Whole
        }
    }

    pub(crate) fn can(&self) -> &Capabilities {
        &self.capabilities
    }

    pub(crate) fn cloud(&self) -> Text {
        self.session.cloud.clone()
    }
}

#[async_trait]
impl Driver for Ec2Driver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        self.zones(cx).await.map(|_| ())
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        self.nodes(cx, query).await
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        self.node(cx, id).await
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        // Not every server of this API refuses what is past its limits.
        check_node_create(self.capabilities(), request)?;
        self.run_instance(cx, request).await
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        self.rename(cx, id, name).await
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.terminate(cx, id).await
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.start(cx, id).await
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.stop(cx, id).await
    }

    async fn reboot_node(&self, cx: &Context, id: &str, _kind: &RebootKind) -> Result<()> {
        self.reboot(cx, id).await
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        self.images(cx, query).await
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.image(cx, id).await
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        self.sizes(cx, query).await
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        self.locations(cx, query).await
    }

    fn key_pairs(&self) -> Option<&dyn x::KeyPairs> {
        Some(self)
    }

    fn volumes(&self) -> Option<&dyn x::Volumes> {
        Some(self)
    }

    fn volume_snapshots(&self) -> Option<&dyn x::VolumeSnapshots> {
        Some(self)
    }

    fn node_images(&self) -> Option<&dyn x::NodeImages> {
        Some(self)
    }

    fn networks(&self) -> Option<&dyn x::Networks> {
        self.vpc.then_some(self as &dyn x::Networks)
    }

    fn security_groups(&self) -> Option<&dyn x::SecurityGroups> {
        Some(self)
    }

    fn addresses(&self) -> Option<&dyn x::Addresses> {
        Some(self)
    }

    fn resize(&self) -> Option<&dyn x::Resize> {
        Some(self)
    }

    fn node_metadata(&self) -> Option<&dyn x::NodeMetadata> {
        Some(self)
    }

    fn console_log(&self) -> Option<&dyn x::ConsoleLog> {
        Some(self)
    }

    fn quotas(&self) -> Option<&dyn x::Quotas> {
        (self.flavour == Flavour::Ec2).then_some(self as &dyn x::Quotas)
    }
}
