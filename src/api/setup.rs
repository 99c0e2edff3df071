//! What every process is made of, whether it serves or carries out jobs.

use std::fmt;
use std::sync::Arc;

use cloudfarm_contract::Result;

use super::call_metrics::CallObservers;
use super::metrics::Metrics;
use super::state::AppState;
use crate::farm::{Farm, FarmHandle};
use crate::jobs::Jobs;
use crate::orchestrator::Orchestrator;
use crate::settings::{FarmSettings, Settings};
use crate::store::{Store, StoreOptions};

/// Reads the farm's settings anew.
pub type ReadFarm = dyn Fn() -> Result<FarmSettings> + Send + Sync;

/// What is served.
pub struct ServeOptions {
    /// The settings of the server.
    pub settings: Settings,
    /// The clouds.
    pub farm: FarmSettings,
    /// Reads the clouds anew, at a reload.
    pub read_farm: Arc<ReadFarm>,
    /// Whether this process carries out jobs, too.
    pub works: bool,
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("settings", &self.settings)
            .field("farm", &self.farm)
            .finish_non_exhaustive()
    }
}

/// The parts of a process.
pub(super) struct Setup {
    pub(super) settings: Arc<Settings>,
    pub(super) jobs: Jobs,
    pub(super) farm: FarmHandle,
    pub(super) observers: CallObservers,
    pub(super) read_farm: Arc<ReadFarm>,
    pub(super) state: AppState,
    pub(super) works: bool,
}

impl Setup {
    /// Opens the store and connects the clouds.
    pub(super) async fn of(options: ServeOptions) -> Result<Self> {
        let ServeOptions {
            settings,
            farm,
            read_farm,
            works,
        } = options;
        let settings = Arc::new(settings);
        let metrics = Arc::new(Metrics::default());
        let observers = CallObservers(metrics.calls.clone());
        let jobs = open_jobs(&settings).await?;
        metrics.add(|registry| jobs.counters().register(registry));
        let farm = FarmHandle::new(Farm::connect(farm, &observers));
        let orchestrator = Orchestrator::new(
            farm.clone(),
            jobs.clone(),
            settings.api.clone(),
            settings.leases.clone(),
        );
        let state = AppState::new(Arc::clone(&settings), Arc::new(orchestrator), metrics);
        Ok(Self {
            settings,
            jobs,
            farm,
            observers,
            read_farm,
            state,
            works,
        })
    }
}

async fn open_jobs(settings: &Settings) -> Result<Jobs> {
    let of_store = &settings.store;
    let options = StoreOptions {
        url: of_store.url.expose(),
        key: (!of_store.key.is_empty()).then(|| of_store.key.expose()),
        connections: of_store.connections,
        size_max: of_store.size_max,
    };
    let store = Store::open(&options).await?;
    Ok(Jobs::new(store, settings.jobs.clone()))
}
