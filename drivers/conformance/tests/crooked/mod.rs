//! The minimal driver with one fault.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{
    Image, Location, Node, NodeAction, NodeActions, NodeCreate, NodeCreated, RebootKind, Size,
};
use cloudfarm_contract::{
    Capabilities, CloudConfig, Context, Driver, DriverInfo, Engine, Error, ErrorKind, ImageQuery,
    ListQuery, Marker, NodeQuery, Page, Priority, Result, SystemClock, Text, async_trait,
};
use cloudfarm_minimal::Minimal;
use jiff::SignedDuration;

/// What the driver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    GapInPages,
    DoubleInPages,
    LongPages,
    PagesInACircle,
    FiltersIgnored,
    MarkersSwallowed,
    MarksLost,
    StopDestroys,
    DestroyOfGoneFails,
    UnknownIsInvalid,
    RefusedAndMade,
    OtherCloud,
    AddressesDisagree,
    IllegalActions,
    OldObservations,
    FullStop,
    Panics,
    Hangs,
    LosesReplies,
    KeepsNodes,
    ClaimsVolumes,
}

#[derive(Debug)]
pub(crate) struct Crooked {
    inner: Arc<dyn Driver>,
    capabilities: Capabilities,
    fault: Fault,
}

/// The minimal driver as it is.
pub(crate) fn honest() -> Arc<dyn Driver> {
    let config = CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("minimal"),
        user: None,
        password: None,
        extra_params: serde_json::Map::new(),
        clock: Arc::new(SystemClock),
    };
    #[expect(clippy::unwrap_used, reason = "a test may panic")]
    Minimal.connect(config).unwrap()
}

pub(crate) fn context() -> Context {
    Context::new(Duration::from_secs(5), "test", Priority::Person)
}

impl Crooked {
    pub(crate) fn driver(fault: Fault) -> Arc<dyn Driver> {
        let inner = honest();
        let mut capabilities = inner.capabilities().clone();
        capabilities.extensions.volumes = fault == Fault::ClaimsVolumes;
        Arc::new(Self {
            inner,
            capabilities,
            fault,
        })
    }

    fn bent(&self, mut node: Node) -> Node {
        match self.fault {
            Fault::MarksLost => node.mark = None,
            Fault::OtherCloud => node.cloud = Text::from("elsewhere"),
            Fault::AddressesDisagree => node.public_ips.push([203, 0, 113, 7].into()),
            Fault::IllegalActions => node.actions = NodeActions::default().with(NodeAction::Start),
            Fault::OldObservations => node.observed_at -= SignedDuration::from_hours(1),
            _ => {}
        }
        node
    }

    async fn page(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let mut query = query.clone();
        let first = query.page.marker.is_none();
        match self.fault {
            Fault::LongPages => query.page.limit = query.page.limit.map(|limit| limit + 1),
            Fault::FiltersIgnored => {
                query = NodeQuery {
                    page: query.page,
                    ..NodeQuery::default()
                }
            }
            Fault::MarkersSwallowed => query.page.marker = None,
            _ => {}
        }
        let mut page = self.inner.list_nodes(cx, &query).await?;
        match self.fault {
            Fault::GapInPages if !first && !page.items.is_empty() => {
                page.items.remove(0);
            }
            Fault::DoubleInPages if !first => {
                query.page.marker = None;
                page.items = self.inner.list_nodes(cx, &query).await?.items;
            }
            Fault::PagesInACircle => page.next = Some(Marker::new("1")),
            _ => {}
        }
        Ok(page)
    }
}

#[async_trait]
impl Driver for Crooked {
    fn info(&self) -> &DriverInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        self.inner.check(cx).await
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        Ok(self.page(cx, query).await?.map(|node| self.bent(node)))
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        let node = self.inner.get_node(cx, id).await;
        let node = node.map_err(|error| match self.fault {
            Fault::UnknownIsInvalid => Error::invalid("the id is malformed"),
            Fault::FullStop => Error::not_found("There is no such node."),
            _ => error,
        });
        Ok(self.bent(node?))
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        let mut created = self.inner.create_node(cx, request).await;
        if let (Fault::RefusedAndMade, Err(error)) = (self.fault, &created)
            && error.kind() == ErrorKind::NotFound
        {
            let images = self.inner.list_images(cx, &ImageQuery::default()).await?;
            let known = NodeCreate {
                image: images.items[0].id.clone(),
                ..request.clone()
            };
            self.inner.create_node(cx, &known).await?;
        }
        if self.fault == Fault::LosesReplies {
            return Err(Error::timeout("the reply was lost"));
        }
        if let Ok(created) = &mut created {
            created.node = self.bent(created.node.clone());
        }
        created
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        match self.fault {
            Fault::Panics => panic!("out of names"),
            Fault::Hangs => std::future::pending().await,
            _ => self.inner.rename_node(cx, id, name).await,
        }
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        match self.fault {
            Fault::DestroyOfGoneFails => {
                self.inner.get_node(cx, id).await?;
            }
            Fault::KeepsNodes => return Ok(()),
            _ => {}
        }
        self.inner.destroy_node(cx, id).await
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.inner.start_node(cx, id).await
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        if self.fault == Fault::StopDestroys {
            return self.inner.destroy_node(cx, id).await;
        }
        self.inner.stop_node(cx, id).await
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        self.inner.reboot_node(cx, id, kind).await
    }

    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        self.inner.list_images(cx, query).await
    }

    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.inner.get_image(cx, id).await
    }

    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        self.inner.list_sizes(cx, query).await
    }

    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        self.inner.list_locations(cx, query).await
    }
}
