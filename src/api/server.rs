//! Listens, reloads, stops.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use cloudfarm_contract::{Error, Result};
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::app::{Shared, build};
use super::metrics::{Metrics, MetricsOf};
use super::state::AppState;
use crate::farm::Farm;
use crate::jobs::Jobs;
use crate::orchestrator::Orchestrator;
use crate::settings::{FarmSettings, Settings};

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
    } = options;
    let settings = Arc::new(settings);
    let metrics = Arc::new(Metrics::default());
    let observers = MetricsOf(Arc::clone(&metrics));
    let jobs = Jobs::new(Handle::current(), settings.api.jobs_kept);
    let farm = Farm::connect(farm, &observers);
    let orchestrator = Arc::new(Orchestrator::new(farm, jobs, settings.api.clone()));
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
    let signals = tokio::spawn(watched.obey(
        server.handle(),
        Arc::clone(&orchestrator),
        observers,
        read_farm,
    ));
    log::info!("listening on http://{bound}");
    listening(bound);
    let ended = server.await;
    signals.abort();
    let left = orchestrator
        .jobs()
        .drain(settings.server.drain_timeout.get())
        .await;
    if left > 0 {
        log::warn!("{left} jobs had not ended and are given up");
    }
    log::info!("stopped");
    ended.map_err(|error| Error::internal("the server failed").with_internal(error))
}

/// The signals that the server obeys.
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn watch() -> Result<Self> {
        let watch = |kind| {
            signal(kind)
                .map_err(|error| Error::internal("signals cannot be watched").with_internal(error))
        };
        Ok(Self {
            hangup: watch(SignalKind::hangup())?,
            terminate: watch(SignalKind::terminate())?,
            interrupt: watch(SignalKind::interrupt())?,
        })
    }

    /// Reloads at each SIGHUP, and returns once the server has stopped.
    async fn obey(
        mut self,
        server: ServerHandle,
        orchestrator: Arc<Orchestrator>,
        observers: MetricsOf,
        read_farm: Arc<ReadFarm>,
    ) {
        loop {
            tokio::select! {
                () = received(&mut self.hangup) => {
                    reload(&orchestrator, &observers, Arc::clone(&read_farm)).await;
                }
                () = received(&mut self.terminate) => break log::info!("SIGTERM: draining"),
                () = received(&mut self.interrupt) => break log::info!("SIGINT: draining"),
            }
        }
        server.stop(true).await;
    }
}

async fn received(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn reload(orchestrator: &Orchestrator, observers: &MetricsOf, read_farm: Arc<ReadFarm>) {
    // Files are read and secret commands run, which may take seconds.
    match tokio::task::spawn_blocking(move || read_farm())
        .await
        .map_err(gave_up)
        .flatten()
    {
        Ok(settings) => {
            let farm = Farm::connect(settings, observers);
            let clouds = farm.clouds().len();
            let failed = farm
                .clouds()
                .filter(|cloud| cloud.settings_error().is_some())
                .count();
            orchestrator.swap_farm(farm);
            log::info!("SIGHUP: serving {clouds} clouds, {failed} of them with wrong settings");
        }
        Err(error) => log::error!("SIGHUP: the farm stays as it was: {error}"),
    }
}

fn gave_up(error: tokio::task::JoinError) -> Error {
    Error::internal("the settings could not be read").with_internal(error)
}
