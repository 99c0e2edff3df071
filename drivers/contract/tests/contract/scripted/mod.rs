//! A driver with every extension that answers from a script and remembers what it was asked.

pub(crate) mod calls;
mod extensions;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::extensions::*;
use cloudfarm_contract::model::*;
use cloudfarm_contract::{
    Capabilities, Context, Driver, DriverInfo, Error, ImageQuery, ListQuery, NodeQuery, Operation,
    Page, Priority, Result, SystemClock, Text, async_trait,
};
use cloudfarm_contract::{Clock, ErrorKind};
use tokio::time::Instant;

/// What the driver does when it is called.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Succeeds, where there is nothing to return.
    Ok,
    /// Returns a node, where a node is asked for.
    Node(Box<Node>),
    /// Fails.
    Fail(Error),
    /// Never returns.
    Hang,
}

/// A call as the driver saw it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) at: Instant,
    pub(crate) deadline: Instant,
}

#[derive(Debug)]
pub(crate) struct Scripted {
    info: DriverInfo,
    pub(crate) capabilities: Capabilities,
    script: Mutex<VecDeque<Step>>,
    /// What it does when the script is at its end.
    pub(crate) afterwards: Step,
    calls: Mutex<Vec<Call>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Step>) -> Self {
        Self {
            info: DriverInfo {
                cloud: Text::from("lab"),
                engine: Text::from("scripted"),
                endpoint: None,
                region: None,
                api_version: None,
                identity: None,
            },
            capabilities: everything(),
            script: Mutex::new(script.into_iter().collect()),
            afterwards: Step::Ok,
            calls: Mutex::default(),
        }
    }

    /// A driver that always does the same.
    pub(crate) fn always(step: Step) -> Self {
        Self {
            afterwards: step,
            ..Self::new([])
        }
    }

    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    pub(crate) fn push(&self, step: Step) {
        lock(&self.script).push_back(step);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.calls().iter().map(|call| call.operation).collect()
    }

    async fn next(&self, operation: Operation, cx: &Context) -> Result<Step> {
        lock(&self.calls).push(Call {
            operation,
            at: Instant::now(),
            deadline: cx.deadline(),
        });
        let step = lock(&self.script).pop_front();
        match step.unwrap_or_else(|| self.afterwards.clone()) {
            Step::Fail(error) => Err(error),
            Step::Hang => std::future::pending().await,
            step => Ok(step),
        }
    }

    async fn unit(&self, operation: Operation, cx: &Context) -> Result<()> {
        self.next(operation, cx).await.map(drop)
    }

    /// For what no test looks at: the script can only let it fail.
    async fn fail<T>(&self, operation: Operation, cx: &Context) -> Result<T> {
        self.next(operation, cx).await?;
        Err(Error::conflict("the script has nothing to return"))
    }
}

/// A cloud that can do everything.
pub(crate) fn everything() -> Capabilities {
    let all = serde_json::to_value(Capabilities::CORE).unwrap();
    let mut all = all.as_object().unwrap().clone();
    let yes = |value: &mut serde_json::Value| {
        if value.is_boolean() {
            *value = true.into();
        }
    };
    all.values_mut().for_each(yes);
    let extensions = all["extensions"].as_object_mut().unwrap();
    extensions.values_mut().for_each(yes);
    serde_json::from_value(all.into()).unwrap()
}

pub(crate) fn context(timeout: Duration) -> Context {
    Context::new(timeout, "request-1", Priority::Person)
}

pub(crate) fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "as scripted")
}

pub(crate) fn node(state: NodeState) -> Node {
    let now = SystemClock.now();
    Node {
        cloud: Text::from("lab"),
        id: Text::from("n1"),
        name: Text::from("web"),
        state,
        native_state: Text::from(state.as_str().to_uppercase()),
        busy: false,
        image: None,
        size: None,
        location: None,
        addresses: Vec::new(),
        public_ips: Vec::new(),
        private_ips: Vec::new(),
        key_pair: None,
        security_groups: Vec::new(),
        volumes: Vec::new(),
        metadata: Metadata::new(),
        mark: None,
        fault: None,
        created_at: None,
        actions: NodeActions::default(),
        observed_at: now,
        extra: ExtraText::default(),
    }
}

macro_rules! accessors {
    ($($accessor:ident -> $trait:ident;)*) => {
        $(fn $accessor(&self) -> Option<&dyn $trait> { Some(self) })*
    };
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Driver for Scripted {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &Context) -> Result<()> {
        self.unit(Operation::Check, cx).await
    }

    async fn list_nodes(&self, cx: &Context, _: &NodeQuery) -> Result<Page<Node>> {
        self.fail(Operation::ListNodes, cx).await
    }

    async fn get_node(&self, cx: &Context, _: &str) -> Result<Node> {
        match self.next(Operation::GetNode, cx).await? {
            Step::Node(node) => Ok(*node),
            _ => Err(Error::not_found("no such node")),
        }
    }

    async fn create_node(&self, cx: &Context, _: &NodeCreate) -> Result<NodeCreated> {
        self.fail(Operation::CreateNode, cx).await
    }

    async fn rename_node(&self, cx: &Context, _: &str, _: &str) -> Result<()> {
        self.unit(Operation::RenameNode, cx).await
    }

    async fn destroy_node(&self, cx: &Context, _: &str) -> Result<()> {
        self.unit(Operation::DestroyNode, cx).await
    }

    async fn start_node(&self, cx: &Context, _: &str) -> Result<()> {
        self.unit(Operation::StartNode, cx).await
    }

    async fn stop_node(&self, cx: &Context, _: &str) -> Result<()> {
        self.unit(Operation::StopNode, cx).await
    }

    async fn reboot_node(&self, cx: &Context, _: &str, _: &RebootKind) -> Result<()> {
        self.unit(Operation::RebootNode, cx).await
    }

    async fn list_images(&self, cx: &Context, _: &ImageQuery) -> Result<Page<Image>> {
        self.fail(Operation::ListImages, cx).await
    }

    async fn get_image(&self, cx: &Context, _: &str) -> Result<Image> {
        self.fail(Operation::GetImage, cx).await
    }

    async fn list_sizes(&self, cx: &Context, _: &ListQuery) -> Result<Page<Size>> {
        self.fail(Operation::ListSizes, cx).await
    }

    async fn list_locations(&self, cx: &Context, _: &ListQuery) -> Result<Page<Location>> {
        self.fail(Operation::ListLocations, cx).await
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
