//! A worker without the API: it carries out jobs, and answers `/metrics`, `/healthz` and `/readyz`.

use std::net::SocketAddr;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use cloudfarm_contract::Result;
use tokio::task::JoinHandle;

use super::app::{Shared, build_operations};
use super::background::Background;
use super::server::cannot_listen;
use super::setup::{ServeOptions, Setup};
use super::signals::Signals;

/// Carries out jobs until SIGTERM or SIGINT, without serving requests. `started` is called once it
/// does, with the address of `/metrics` and of the health checks if the settings have one.
///
/// # Errors
///
/// If the store cannot be used, or the address cannot be listened on.
pub async fn work(options: ServeOptions, started: impl FnOnce(Option<SocketAddr>)) -> Result<()> {
    let watched = Signals::watch()?;
    let setup = Setup::of(options).await?;
    let listen = setup.settings.worker.listen;
    let operations = listen.map(|address| OperationsServer::start(address, &setup));
    let operations = operations.transpose()?;
    let background = Background::start(&setup).await?;
    let Setup {
        settings,
        farm,
        observers,
        read_farm,
        ..
    } = setup;
    let address = operations.as_ref().map(|operations| operations.address);
    match address {
        Some(address) => log::info!("carrying out jobs, listening on http://{address}"),
        None => log::info!("carrying out jobs"),
    }
    started(address);
    watched.obey(farm, observers, read_farm).await;
    background.drain(&settings).await;
    if let Some(operations) = operations {
        operations.stop().await;
    }
    log::info!("stopped");
    Ok(())
}

/// Answers `/metrics`, `/healthz` and `/readyz`, to the end: operators want to see it drain.
struct OperationsServer {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl OperationsServer {
    fn start(address: SocketAddr, setup: &Setup) -> Result<Self> {
        let shared = Shared::of_operations(setup.state.clone());
        let server = HttpServer::new(move || build_operations(&shared))
            .disable_signals()
            .keep_alive(setup.settings.server.keep_alive.get())
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
            log::warn!("the server of worker.listen has failed: {error}");
        }
    }
}
