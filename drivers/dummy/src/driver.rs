//! One connection to a dummy cloud: the way of a call, and the core of the contract.

use std::sync::Arc;

use cloudfarm_contract::extensions::{
    Addresses, ConsoleLog, KeyPairs, Networks, NodeImages, NodeMetadata, NodePassword,
    NodeSnapshots, Pause, ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize,
    ResizeConfirmation, Routers, SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, Clock, CloudConfig, Context, Driver, DriverInfo, Extensions, ImageQuery,
    ListQuery, NodeQuery, Operation, Page, Result, Text, async_trait,
};
use tokio::time::{sleep, sleep_until};

use crate::capabilities::{LegalActions, capabilities};
use crate::cloud::{Call, Cloud};
use crate::faults::{Arrival, Fate, Faults, silence};
use crate::ids::hash;
use crate::params::{Capacity, Durations, Params, QuotaLimits};
use crate::records::NodeRecord;
use crate::view::{Draft, View};
use crate::world::Change;

/// What holds on this cloud, whatever happens on it.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) cloud: Text,
    /// The owner of what is made here.
    pub(crate) identity: Text,
    pub(crate) times: Durations,
    pub(crate) idempotent: bool,
    pub(crate) capacity: Capacity,
    pub(crate) quota: QuotaLimits,
    pub(crate) capabilities: Capabilities,
    pub(crate) actions: LegalActions,
}

/// A connection to a dummy cloud.
#[derive(Debug)]
pub(crate) struct DummyDriver {
    info: DriverInfo,
    rules: Rules,
    clock: Arc<dyn Clock>,
    faults: Faults,
    cloud: Cloud,
}

impl DummyDriver {
    pub(crate) fn connect(config: &CloudConfig) -> Result<Self> {
        let params = Params::read(config)?;
        let seed = params.seed.unwrap_or_else(|| hash(&config.name));
        let identity = Text::from(config.user.as_deref().unwrap_or("demo"));
        let capabilities = capabilities(Extensions::default(), params.idempotent);
        let mut driver = Self {
            info: DriverInfo {
                cloud: config.name.clone(),
                engine: Text::from_static(crate::NAME),
                endpoint: None,
                region: None,
                api_version: None,
                identity: Some(identity.clone()),
            },
            rules: Rules {
                cloud: config.name.clone(),
                identity,
                times: Durations::of(&params),
                idempotent: params.idempotent,
                capacity: params.capacity,
                quota: params.quota,
                actions: LegalActions::new(&capabilities),
                capabilities,
            },
            clock: config.clock.clone(),
            faults: Faults::new(&params, seed),
            cloud: Cloud::open(params.state_file.as_deref(), seed, u64::from(params.nodes))?,
        };
        driver.rules.capabilities.extensions = Extensions::of(&driver);
        Ok(driver)
    }

    /// How long the changes of state take.
    pub(crate) fn times(&self) -> &Durations {
        &self.rules.times
    }

    fn call<'a>(&'a self, cx: &'a Context, fate: &'a Fate) -> Call<'a> {
        Call {
            cx,
            rules: &self.rules,
            fate,
            now: self.clock.now(),
        }
    }

    /// A call that changes nothing.
    pub(crate) async fn read<T: Send>(
        &self,
        cx: &Context,
        operation: Operation,
        look: impl FnOnce(&View<'_>) -> Result<T> + Send,
    ) -> Result<T> {
        let fate = self.arrive(cx, operation).await?;
        let result = self.cloud.read(self.call(cx, &fate), look);
        self.return_home(fate).await.and(result)
    }

    /// A call that changes the cloud.
    pub(crate) async fn write<T: Send>(
        &self,
        cx: &Context,
        operation: Operation,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T> + Send,
    ) -> Result<T> {
        let fate = self.arrive(cx, operation).await?;
        let result = self.cloud.write(self.call(cx, &fate), change).await;
        self.return_home(fate).await.and(result)
    }

    /// A call that looks at one node.
    pub(crate) async fn read_node<T: Send>(
        &self,
        cx: &Context,
        operation: Operation,
        id: &str,
        look: impl FnOnce(&View<'_>) -> Result<T> + Send,
    ) -> Result<T> {
        let fate = self.arrive(cx, operation).await?;
        if fate.vanish {
            Box::pin(self.take_away(cx, &fate, id)).await?;
        }
        let result = self.cloud.read(self.call(cx, &fate), look);
        self.return_home(fate).await.and(result)
    }

    /// A call that changes one node.
    pub(crate) async fn write_node<T: Send>(
        &self,
        cx: &Context,
        operation: Operation,
        id: &str,
        change: impl FnOnce(&mut Draft<'_>, u64, NodeRecord) -> Result<T> + Send,
    ) -> Result<T> {
        let fate = self.arrive(cx, operation).await?;
        if fate.vanish {
            Box::pin(self.take_away(cx, &fate, id)).await?;
        }
        let change = |draft: &mut Draft<'_>| {
            let (ordinal, record) = draft.node_record(id)?;
            change(draft, ordinal, record)
        };
        let result = self.cloud.write(self.call(cx, &fate), change).await;
        self.return_home(fate).await.and(result)
    }

    /// The way to the cloud.
    async fn arrive(&self, cx: &Context, operation: Operation) -> Result<Fate> {
        cx.check_deadline()?;
        match self.faults.next(operation) {
            Arrival::Through(fate) => {
                pass(fate.way).await;
                Ok(fate)
            }
            Arrival::Refused(latency, error) => {
                pass(latency).await;
                Err(error)
            }
            Arrival::Silence => {
                Box::pin(sleep_until(cx.deadline())).await;
                Err(silence(operation))
            }
        }
    }

    /// The way back. What the cloud answers, an error too, may be lost on it.
    async fn return_home(&self, fate: Fate) -> Result<()> {
        pass(fate.way).await;
        fate.lost_reply.map_or(Ok(()), Err)
    }

    /// Takes the node away that the call is about to look at.
    async fn take_away(&self, cx: &Context, fate: &Fate, id: &str) -> Result<()> {
        let change = |draft: &mut Draft<'_>| {
            if let Ok((ordinal, record)) = draft.node_record(id) {
                crate::nodes::release(draft, ordinal, &record);
                draft.push(Change::Node(ordinal, None));
            }
            Ok(())
        };
        self.cloud.write(self.call(cx, fate), change).await
    }
}

async fn pass(time: std::time::Duration) {
    if !time.is_zero() {
        Box::pin(sleep(time)).await;
    }
}

/// Every extension is there.
macro_rules! accessors {
    ($($accessor:ident -> $trait:ident;)*) => {
        $(
        fn $accessor(&self) -> Option<&dyn $trait> {
            Some(self)
        }
        )*
    };
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Driver for DummyDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.rules.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        self.read(cx, Operation::Check, |_| Ok(())).await
    }

    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        self.nodes(cx, query).await
    }

    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        self.node(cx, id).await
    }

    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        self.create(cx, request).await
    }

    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        self.rename(cx, id, name).await
    }

    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.destroy(cx, id).await
    }

    async fn start_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.start(cx, id).await
    }

    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()> {
        self.stop(cx, id).await
    }

    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()> {
        self.reboot(cx, id, *kind).await
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
