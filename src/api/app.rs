//! The table of routes.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};

use super::body::BodyLimit;
use super::errors_page::errors_page;
use super::fallback::fallback;
use super::middleware::{Track, When, has_key, idempotent};
use super::register::{Described, Register};
use super::routes::Routes;
use super::state::AppState;
use super::{
    actions, addresses, clouds, console, docs, engines, health, images, job_events, jobs,
    key_pairs, leases, locations, metrics, networks, node_actions, node_snapshots, nodes,
    notifiers, orphans, provider_projects, quotas, routers, schedules, security_groups, sizes,
    subnets, volume_snapshots, volumes,
};

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
            routes: Arc::new(Routes::of(docs::DOCUMENT)),
        }
    }

    /// The same for [`build_operations`].
    pub(super) fn of_operations(state: AppState) -> Self {
        let mut described = Described::default();
        operations(&mut described);
        Self {
            state,
            routes: Arc::new(Routes::of_few(&described.paths)),
        }
    }
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
        .configure(routes)
        .app_data(web::Data::new(shared.state.clone()))
        .app_data(web::Data::new(BodyLimit(body_limit)))
        .app_data(web::Data::from(Arc::clone(&shared.routes)))
        .route("/docs/errors", web::get().to(errors_page))
        .service(docs::page())
        .service(web::redirect("/docs", "/docs/"))
        .default_service(web::to(fallback))
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
        .configure(operations)
        .app_data(web::Data::new(shared.state.clone()))
        .app_data(web::Data::from(Arc::clone(&shared.routes)))
        .default_service(web::to(fallback))
        .wrap(When::new(names_encoding, Compress::default()))
        .wrap(Track::new(shared.state.clone(), Arc::clone(&shared.routes)))
}

fn names_encoding(request: &ServiceRequest) -> bool {
    request.headers().contains_key(ACCEPT_ENCODING)
}

/// Every route that the document describes. What is asked for most stands first, for paths are
/// tried in this order.
pub(super) fn routes(to: &mut impl Register) {
    // In one step, not in four: nodes are asked for more than everything else together.
    to.scope("/api/v1/clouds/{cloud}/nodes", of_nodes);
    to.scope("/api/v1", |to| {
        to.scope("/clouds", |to| {
            to.scope("/{cloud}", of_one_cloud).service(clouds::list);
        })
        .service(nodes::list_all)
        .service(actions::act)
        .scope("/jobs", |to| {
            to.service(jobs::list)
                .service(jobs::show)
                .service(jobs::cancel)
                .service(jobs::retry)
                .service(job_events::follow);
        })
        .scope("/schedules", |to| {
            to.service(schedules::list)
                .service(schedules::show)
                .service(schedules::create)
                .service(schedules::update)
                .service(schedules::remove)
                .service(schedules::run);
        })
        .service(images::list_all)
        .service(sizes::list_all)
        .service(locations::list_all)
        .service(leases::list)
        .scope("/notifiers", |to| {
            to.service(notifiers::list).service(notifiers::test);
        })
        .scope("/engines", |to| {
            to.service(engines::list);
        })
        .service(docs::openapi);
    });
    operations(to);
}

/// What those ask who run cloudfarm.
fn operations(to: &mut impl Register) {
    to.service(health::healthz)
        .service(health::readyz)
        .service(metrics::expose);
}

fn of_one_cloud(to: &mut impl Register) {
    to.scope("/images", |to| {
        to.service(images::list)
            .service(images::show)
            .service(images::create)
            .service(images::delete);
    })
    .scope("/sizes", |to| {
        to.service(sizes::list).service(sizes::show);
    })
    .scope("/locations", |to| {
        to.service(locations::list).service(locations::show);
    });
    of_its_things(to);
    to.service(clouds::check).service(clouds::show);
}

fn of_its_things(to: &mut impl Register) {
    to.scope("/volumes", |to| {
        to.service(volumes::list)
            .service(volumes::show)
            .service(volumes::create)
            .service(volumes::delete)
            .service(volumes::attach)
            .service(volumes::detach)
            .service(volumes::extend);
    })
    .scope("/key-pairs", |to| {
        to.service(key_pairs::list)
            .service(key_pairs::show)
            .service(key_pairs::create)
            .service(key_pairs::delete);
    })
    .scope("/volume-snapshots", |to| {
        to.service(volume_snapshots::list)
            .service(volume_snapshots::show)
            .service(volume_snapshots::create)
            .service(volume_snapshots::delete);
    })
    .scope("/node-snapshots", |to| {
        to.service(node_snapshots::list)
            .service(node_snapshots::show)
            .service(node_snapshots::create)
            .service(node_snapshots::delete)
            .service(node_snapshots::restore);
    })
    .scope("/networks", |to| {
        to.service(networks::list)
            .service(networks::show)
            .service(networks::create)
            .service(networks::delete);
    })
    .scope("/subnets", |to| {
        to.service(subnets::list)
            .service(subnets::show)
            .service(subnets::create)
            .service(subnets::delete);
    })
    .scope("/routers", |to| {
        to.service(routers::list)
            .service(routers::show)
            .service(routers::create)
            .service(routers::update)
            .service(routers::delete)
            .service(routers::attach)
            .service(routers::detach);
    })
    .scope("/security-groups", |to| {
        to.service(security_groups::list)
            .service(security_groups::show)
            .service(security_groups::create)
            .service(security_groups::delete)
            .service(security_groups::add_rule)
            .service(security_groups::remove_rule);
    })
    .scope("/addresses", |to| {
        to.service(addresses::list)
            .service(addresses::show)
            .service(addresses::allocate)
            .service(addresses::release)
            .service(addresses::associate)
            .service(addresses::disassociate);
    })
    .scope("/orphans", |to| {
        to.service(orphans::list)
            .service(orphans::adopt)
            .service(orphans::forget)
            .service(orphans::destroy);
    })
    .service(quotas::list)
    .service(provider_projects::list);
}

fn of_nodes(to: &mut impl Register) {
    to.service(nodes::show)
        .service(nodes::list)
        .service(nodes::create)
        .service(nodes::update)
        .service(nodes::destroy)
        .service(node_actions::start)
        .service(node_actions::stop)
        .service(node_actions::reboot)
        .service(node_actions::resize)
        .service(node_actions::confirm_resize)
        .service(node_actions::revert_resize)
        .service(node_actions::rebuild)
        .service(node_actions::suspend)
        .service(node_actions::resume)
        .service(node_actions::pause)
        .service(node_actions::unpause)
        .service(node_actions::shelve)
        .service(node_actions::unshelve)
        .service(node_actions::rescue)
        .service(node_actions::unrescue)
        .service(node_actions::change_password)
        .service(leases::change)
        .service(leases::assign)
        .service(leases::release)
        .service(console::console)
        .service(console::remote_console);
}
