//! One named cloud and the driver behind it.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::layers::{BreakerState, LayerStatus, Layered, RateLimit, Stack};
use cloudfarm_contract::{CloudConfig, Driver, Engine, Error, Result, SystemClock, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::watch::NodeWatch;
use crate::settings::CloudSettings;

/// A cloud of the farm. It is there even if its settings are wrong: then it says so.
#[derive(Debug)]
pub struct Cloud {
    name: Text,
    engine: Text,
    connection: Result<Arc<Layered>>,
    /// Jobs at the same time; 0 for no limit.
    jobs_at_once: u32,
    /// How long one attempt of a call may take.
    attempt_timeout: Duration,
    node_watch: NodeWatch,
}

/// How a cloud fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloudStatus {
    /// It can be used.
    Ready,
    /// It can be used, but its last calls failed.
    Degraded,
    /// Its settings are wrong, or the circuit breaker is open.
    Failed,
}

impl CloudStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

impl Cloud {
    /// Connects an entry; nobody is asked over the network.
    pub(super) fn connect(
        name: Text,
        engine: &'static dyn Engine,
        settings: CloudSettings,
        layers: impl FnOnce(&dyn Driver) -> Stack,
    ) -> Self {
        let jobs_at_once = settings.layers.jobs_at_once;
        let attempt_timeout = settings.layers.attempt_timeout.get();
        let config = CloudConfig {
            name: name.clone(),
            engine: Text::from_static(engine.name()),
            user: settings.user,
            password: settings.password,
            extra_params: settings.extra_params,
            clock: Arc::new(SystemClock),
        };
        let connection = engine
            .connect(config)
            .map(|driver| {
                let stack = layers(&*driver);
                Arc::new(Layered::new(driver, stack))
            })
            .map_err(|error| error.with_cloud(name.clone()));
        Self {
            name,
            engine: Text::from_static(engine.name()),
            connection,
            jobs_at_once,
            attempt_timeout,
            node_watch: NodeWatch::default(),
        }
    }

    /// An entry that cannot be used.
    pub(super) fn broken(name: Text, engine: Text, error: Error) -> Self {
        let error = error.with_cloud(name.clone());
        Self {
            name,
            engine,
            connection: Err(error),
            node_watch: NodeWatch::default(),
            jobs_at_once: 0,
            attempt_timeout: Duration::ZERO,
        }
    }

    /// A cloud around a driver that is there already.
    pub fn with_driver(
        name: impl Into<Text>,
        driver: Arc<dyn Driver>,
        settings: &crate::settings::LayerSettings,
        observer: Arc<dyn cloudfarm_contract::layers::Observer>,
    ) -> Self {
        let name = name.into();
        let limit = Arc::new(RateLimit::new(settings.for_rate_limit()));
        let stack = Stack::new(name.clone(), settings.for_stack(), limit, observer);
        let engine = driver.info().engine.clone();
        Self {
            name,
            engine,
            connection: Ok(Arc::new(Layered::new(driver, stack))),
            node_watch: NodeWatch::default(),
            jobs_at_once: settings.jobs_at_once,
            attempt_timeout: settings.attempt_timeout.get(),
        }
    }

    /// The name in the settings.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// The engine's own name, also where the settings used an alias.
    pub fn engine(&self) -> &Text {
        &self.engine
    }

    /// How many jobs there may be at the same time, over all processes; 0 for no limit.
    pub fn jobs_at_once(&self) -> u32 {
        self.jobs_at_once
    }

    /// How long one attempt of a call may take.
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// The driver with its layers.
    ///
    /// # Errors
    ///
    /// `unavailable`, with what is wrong with its settings.
    pub fn driver(&self) -> Result<&Arc<Layered>> {
        self.connection.as_ref().map_err(|error| {
            Error::unavailable(format!("the settings of this cloud are wrong: {error}"))
                .with_retry(cloudfarm_contract::Retry::Never)
                .with_cloud(self.name.clone())
        })
    }

    /// What looks at its nodes for those who wait.
    pub fn node_watch(&self) -> &NodeWatch {
        &self.node_watch
    }

    /// What is wrong with its settings.
    pub fn settings_error(&self) -> Option<&Error> {
        self.connection.as_ref().err()
    }

    /// The state of its layers; `None` if its settings are wrong.
    pub fn layers(&self) -> Option<LayerStatus> {
        self.connection.as_ref().ok().map(|driver| driver.status())
    }

    /// How it fares, from its last calls.
    pub fn status(&self) -> CloudStatus {
        match self.layers() {
            None => CloudStatus::Failed,
            Some(layers) => match layers.breaker.state {
                BreakerState::Open | BreakerState::HalfOpen => CloudStatus::Failed,
                BreakerState::Closed if layers.breaker.failures > 0 => CloudStatus::Degraded,
                BreakerState::Closed => CloudStatus::Ready,
            },
        }
    }
}
