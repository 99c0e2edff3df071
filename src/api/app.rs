//! The application: its routes, and what stands before them.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};

use super::body::BodyLimit;
use super::dispatch::dispatch;
use super::middleware::{Track, When, has_key, idempotent};
use super::routes::Routes;
use super::state::AppState;
use super::table::{operations, routes};

/// What every worker's application shares, made once.
#[derive(Debug, Clone)]
pub struct Shared {
    state: AppState,
    routes: Arc<Routes>,
}

impl Shared {
    /// Of this state.
    pub fn new(state: AppState) -> Self {
        Self {
            state,
            routes: Arc::new(served(routes)),
        }
    }

    /// The same for [`build_operations`].
    pub(super) fn of_operations(state: AppState) -> Self {
        Self {
            state,
            routes: Arc::new(served(operations)),
        }
    }
}

fn served(fill: fn(&mut Routes)) -> Routes {
    let mut routes = Routes::new();
    fill(&mut routes);
    routes
}

/// The application.
pub fn build(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let body_limit = shared.state.settings().api.body_limit;
    App::new()
        .app_data(web::Data::new(shared.state.clone()))
        .app_data(web::Data::new(BodyLimit(body_limit)))
        .app_data(web::Data::from(Arc::clone(&shared.routes)))
        .default_service(fn_service(dispatch))
        .wrap(When::new(has_key, from_fn(idempotent)))
        .wrap(When::new(names_encoding, Compress::default()))
        .wrap(Track::new(shared.state.clone(), Arc::clone(&shared.routes)))
}

/// The application of a process that serves nothing: what its keepers ask.
pub(super) fn build_operations(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(web::Data::new(shared.state.clone()))
        .app_data(web::Data::from(Arc::clone(&shared.routes)))
        .default_service(fn_service(dispatch))
        .wrap(When::new(names_encoding, Compress::default()))
        .wrap(Track::new(shared.state.clone(), Arc::clone(&shared.routes)))
}

fn names_encoding(request: &ServiceRequest) -> bool {
    request.headers().contains_key(ACCEPT_ENCODING)
}
