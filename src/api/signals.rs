//! SIGTERM and SIGINT stop, SIGHUP reads the farm anew.

use std::sync::Arc;

use cloudfarm_contract::{Error, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::call_metrics::CallObservers;
use super::setup::ReadFarm;
use crate::farm::{Farm, FarmHandle};

/// The signals that the server obeys.
pub(super) struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn watch() -> Result<Self> {
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

    /// Reloads at each SIGHUP, and returns once the process is to stop.
    pub(super) async fn obey(
        mut self,
        farm: FarmHandle,
        observers: CallObservers,
        read_farm: Arc<ReadFarm>,
    ) {
        loop {
            tokio::select! {
                () = received(&mut self.hangup) => {
                    reload(&farm, &observers, Arc::clone(&read_farm)).await;
                }
                () = received(&mut self.terminate) => break log::info!("SIGTERM: draining"),
                () = received(&mut self.interrupt) => break log::info!("SIGINT: draining"),
            }
        }
    }
}

async fn received(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn reload(handle: &FarmHandle, observers: &CallObservers, read_farm: Arc<ReadFarm>) {
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
            handle.swap(farm);
            log::info!("SIGHUP: serving {clouds} clouds, {failed} of them with wrong settings");
        }
        Err(error) => log::error!("SIGHUP: the farm stays as it was: {error}"),
    }
}

fn gave_up(error: tokio::task::JoinError) -> Error {
    Error::internal("the settings could not be read").with_internal(error)
}
