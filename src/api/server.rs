//! Listens, reloads, stops.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::HttpServer;
use cloudfarm_contract::{Error, Result};

use super::action_bodies::read_scheduled;
use super::app::{Shared, build};
use super::metrics::{Metrics, MetricsOf};
use super::signals::Signals;
use super::state::AppState;
use crate::farm::{Farm, FarmHandle};
use crate::jobs::{Jobs, Worker};
use crate::leases::Reaper;
use crate::notify::Courier;
use crate::orchestrator::{self, Orchestrator};
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

/// Serves until SIGTERM or SIGINT; then answers what is being answered, ends what jobs it can, and
/// returns. SIGHUP reads the farm anew: requests that are under way end on the old one. `listening`
/// is told the address once requests are taken.
///
/// # Errors
///
/// If the address cannot be listened on.
pub async fn serve(options: ServeOptions, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    let ServeOptions {
        settings,
        farm,
        read_farm,
        works,
    } = options;
    let settings = Arc::new(settings);
    let metrics = Arc::new(Metrics::default());
    let observers = MetricsOf(Arc::clone(&metrics));
    let jobs = open_jobs(&settings).await?;
    metrics.add_jobs(jobs.counters());
    let farm = FarmHandle::new(Farm::connect(farm, &observers));
    let orchestrator = Orchestrator::new(
        farm.clone(),
        jobs.clone(),
        settings.api.clone(),
        settings.leases.clone(),
    );
    let orchestrator = Arc::new(orchestrator);
    let state = AppState::new(Arc::clone(&settings), Arc::clone(&orchestrator), metrics);
    let shared = Shared::new(state);

    let mut server = HttpServer::new(move || build(&shared))
        .disable_signals()
        .keep_alive(settings.server.keep_alive.get())
        .shutdown_timeout(settings.server.drain_timeout.get().as_secs());
    if settings.server.workers > 0 {
        server = server.workers(settings.server.workers);
    }
    // Watched before anybody can know that the server is there: a signal in between would kill it.
    let watched = Signals::watch()?;
    let address = settings.server.listen;
    let server = server.bind(address).map_err(|error| {
        Error::invalid(format!("cannot listen on {address}: {error}")).with_field("server.listen")
    })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let worker = match works {
        true => Some(Carrier::start(jobs, &farm, &settings).await?),
        false => None,
    };
    let handle = server.handle();
    let signals = tokio::spawn(async move {
        watched.obey(farm, observers, read_farm).await;
        handle.stop(true).await;
    });
    log::info!("listening on http://{bound}");
    listening(bound);
    let ended = server.await;
    signals.abort();
    if let Some(worker) = worker {
        worker.drain(&settings).await;
    }
    log::info!("stopped");
    ended.map_err(|error| Error::internal("the server failed").with_internal(error))
}

/// Carries out jobs until SIGTERM or SIGINT, without serving requests. `started` is called once it
/// does.
///
/// # Errors
///
/// If the store cannot be used.
pub async fn work(options: ServeOptions, started: impl FnOnce()) -> Result<()> {
    let ServeOptions {
        settings,
        farm,
        read_farm,
        ..
    } = options;
    let observers = MetricsOf(Arc::new(Metrics::default()));
    let watched = Signals::watch()?;
    let jobs = open_jobs(&settings).await?;
    let farm = FarmHandle::new(Farm::connect(farm, &observers));
    let worker = Carrier::start(jobs, &farm, &settings).await?;
    log::info!("carrying out jobs");
    started();
    watched.obey(farm, observers, read_farm).await;
    worker.drain(&settings).await;
    log::info!("stopped");
    Ok(())
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

/// All that a process does that carries out jobs.
struct Carrier {
    worker: Worker,
    reaper: Reaper,
    courier: Courier,
}

impl Carrier {
    async fn start(jobs: Jobs, farm: &FarmHandle, settings: &Settings) -> Result<Self> {
        let poll = settings.jobs.poll.get();
        let leases = settings.leases.clone();
        let store = jobs.store().clone();
        let orchestrator = Orchestrator::new(
            farm.clone(),
            jobs.clone(),
            settings.api.clone(),
            leases.clone(),
        );
        let kinds = orchestrator::kinds(Arc::new(orchestrator), read_scheduled);
        Ok(Self {
            courier: Courier::start(store, &settings.notifiers, poll).await?,
            reaper: Reaper::start(jobs.clone(), farm.clone(), leases, poll),
            worker: Worker::start_with(jobs, farm.clone(), kinds),
        })
    }

    async fn drain(self, settings: &Settings) {
        self.worker.stop();
        self.reaper.stop().await;
        let patience = settings.jobs.drain_timeout.get();
        let left = self.worker.drain(patience).await;
        if left > 0 {
            log::warn!("{left} jobs had not ended and are handed back");
        }
        self.courier.stop().await;
    }
}
