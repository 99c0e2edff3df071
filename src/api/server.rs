//! Listens, reloads, stops.

use std::net::SocketAddr;

use actix_web::HttpServer;
use cloudfarm_contract::{Error, Result};

use super::app::{Shared, build};
use super::background::Background;
use super::setup::{ServeOptions, Setup};
use super::signals::Signals;
use crate::memory::keep_giving_back;

/// Serves until SIGTERM or SIGINT; then answers what is being answered, ends what jobs it can, and
/// returns. SIGHUP reads the farm anew: requests that are under way end on the old one. `listening`
/// is told the address once requests are taken.
///
/// # Errors
///
/// If the address cannot be listened on.
pub async fn serve(options: ServeOptions, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    let setup = Setup::of(options).await?;
    let settings = &setup.settings.server;
    let shared = Shared::new(setup.state.clone());
    let application = move || {
        // Once in the thread of each worker.
        actix_web::rt::spawn(keep_giving_back());
        build(&shared)
    };
    let mut server = HttpServer::new(application)
        .disable_signals()
        .keep_alive(settings.keep_alive.get())
        .shutdown_timeout(settings.drain_timeout.get().as_secs());
    if settings.workers > 0 {
        server = server.workers(settings.workers);
    }
    // Watched before anybody can know that the server is there: a signal in between would kill it.
    let watched = Signals::watch()?;
    let address = settings.listen;
    let server = server
        .bind(address)
        .map_err(|error| cannot_listen(address, &error).with_field("server.listen"))?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let worker = match setup.works {
        true => Some(Background::start(&setup).await?),
        false => None,
    };
    let Setup {
        settings,
        farm,
        observers,
        read_farm,
        ..
    } = setup;
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

/// Why nobody can be answered there.
pub(super) fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Error {
    Error::invalid(format!("cannot listen on {address}: {error}"))
}
