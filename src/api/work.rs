//! Carries out jobs, and tells its keepers how that fares.

use std::net::SocketAddr;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use cloudfarm_contract::Result;
use tokio::task::JoinHandle;

use super::app::{Shared, build_operations};
use super::carrier::Carrier;
use super::server::cannot_listen;
use super::setup::{ServeOptions, Setup};
use super::signals::Signals;
use super::state::AppState;

/// Carries out jobs until SIGTERM or SIGINT, without serving requests. `started` is called once it
/// does, with the address where it tells how it fares if the settings have one.
///
/// # Errors
///
/// If the store cannot be used, or the address cannot be listened on.
pub async fn work(options: ServeOptions, started: impl FnOnce(Option<SocketAddr>)) -> Result<()> {
    let watched = Signals::watch()?;
    let setup = Setup::of(options).await?;
    let listen = setup.settings.worker.listen;
    let teller = listen.map(|address| Teller::start(address, setup.state.clone()));
    let teller = teller.transpose()?;
    let worker = Carrier::start(&setup).await?;
    let Setup {
        settings,
        farm,
        observers,
        read_farm,
        ..
    } = setup;
    let address = teller.as_ref().map(|teller| teller.address);
    match address {
        Some(address) => log::info!("carrying out jobs, listening on http://{address}"),
        None => log::info!("carrying out jobs"),
    }
    started(address);
    watched.obey(farm, observers, read_farm).await;
    worker.drain(&settings).await;
    if let Some(teller) = teller {
        teller.stop().await;
    }
    log::info!("stopped");
    Ok(())
}

/// Tells how the process fares: to the end, for its keepers want to see it drain.
struct Teller {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Teller {
    fn start(address: SocketAddr, state: AppState) -> Result<Self> {
        let shared = Shared::of_operations(state);
        let server = HttpServer::new(move || build_operations(&shared))
            .disable_signals()
            .workers(1)
            .bind(address)
            .map_err(|error| cannot_listen(address, &error).with_field("worker.listen"))?;
        let address = server.addrs().first().copied().unwrap_or(address);
        let server = server.run();
        Ok(Self {
            address,
            handle: server.handle(),
            task: tokio::spawn(server),
        })
    }

    async fn stop(self) {
        self.handle.stop(false).await;
        if let Ok(Err(error)) = self.task.await {
            log::warn!("what tells how the process fares has failed: {error}");
        }
    }
}
