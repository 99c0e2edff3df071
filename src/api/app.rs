//! The table of routes.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::Compress;
use actix_web::{App, Error, web};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::BodyLimit;
use super::docs::{self, Document};
use super::errors_page::errors_page;
use super::fallback::fallback;
use super::middleware::{IfAsked, Track};
use super::openapi::document;
use super::routes::Routes;
use super::state::AppState;
use super::{
    addresses, clouds, console, engines, health, images, jobs, key_pairs, locations, metrics,
    networks, node_actions, node_snapshots, nodes, quotas, security_groups, sizes, subnets,
    volume_snapshots, volumes,
};

/// What every worker's application shares, made once.
#[derive(Debug, Clone)]
pub struct Shared {
    state: AppState,
    document: Arc<Document>,
    routes: Arc<Routes>,
}

impl Shared {
    /// Of this state.
    pub fn new(state: AppState) -> Self {
        let document = document();
        let routes = Arc::new(Routes::of(&document));
        Self {
            state,
            document: Arc::new(Document::of(&document)),
            routes,
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
    let (app, _) = App::new()
        .into_utoipa_app()
        .configure(routes)
        .split_for_parts();
    app.app_data(web::Data::new(shared.state.clone()))
        .app_data(web::Data::new(BodyLimit(body_limit)))
        .app_data(web::Data::from(Arc::clone(&shared.document)))
        .app_data(web::Data::from(Arc::clone(&shared.routes)))
        .route("/docs/errors", web::get().to(errors_page))
        .service(docs::page())
        .service(web::redirect("/docs", "/docs/"))
        .default_service(web::to(fallback))
        .wrap(IfAsked(Compress::default()))
        .wrap(Track::new(shared.state.clone(), Arc::clone(&shared.routes)))
}

/// Every route that the document describes. What is asked for most stands first, for paths are
/// tried in this order.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/api/v1")
                .service(
                    scope::scope("/clouds")
                        .service(scope::scope("/{cloud}").configure(of_one_cloud))
                        .service(clouds::list),
                )
                .service(nodes::list_all)
                .service(
                    scope::scope("/jobs")
                        .service(jobs::list)
                        .service(jobs::show),
                )
                .service(images::list_all)
                .service(sizes::list_all)
                .service(locations::list_all)
                .service(scope::scope("/engines").service(engines::list))
                .service(docs::openapi),
        )
        .service(health::healthz)
        .service(health::readyz)
        .service(metrics::expose);
}

fn of_one_cloud(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/nodes")
                .service(nodes::list)
                .service(nodes::show)
                .service(nodes::create)
                .service(nodes::update)
                .service(nodes::destroy)
                .configure(of_one_node),
        )
        .service(
            scope::scope("/images")
                .service(images::list)
                .service(images::show)
                .service(images::create)
                .service(images::delete),
        )
        .service(
            scope::scope("/sizes")
                .service(sizes::list)
                .service(sizes::show),
        )
        .service(
            scope::scope("/locations")
                .service(locations::list)
                .service(locations::show),
        )
        .configure(of_its_things)
        .service(clouds::check)
        .service(clouds::show);
}

fn of_its_things(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/volumes")
                .service(volumes::list)
                .service(volumes::show)
                .service(volumes::create)
                .service(volumes::delete)
                .service(volumes::attach)
                .service(volumes::detach)
                .service(volumes::extend),
        )
        .service(
            scope::scope("/key-pairs")
                .service(key_pairs::list)
                .service(key_pairs::show)
                .service(key_pairs::create)
                .service(key_pairs::delete),
        )
        .service(
            scope::scope("/volume-snapshots")
                .service(volume_snapshots::list)
                .service(volume_snapshots::show)
                .service(volume_snapshots::create)
                .service(volume_snapshots::delete),
        )
        .service(
            scope::scope("/node-snapshots")
                .service(node_snapshots::list)
                .service(node_snapshots::show)
                .service(node_snapshots::create)
                .service(node_snapshots::delete)
                .service(node_snapshots::restore),
        )
        .service(
            scope::scope("/networks")
                .service(networks::list)
                .service(networks::show)
                .service(networks::create)
                .service(networks::delete),
        )
        .service(
            scope::scope("/subnets")
                .service(subnets::list)
                .service(subnets::show)
                .service(subnets::create)
                .service(subnets::delete),
        )
        .service(
            scope::scope("/security-groups")
                .service(security_groups::list)
                .service(security_groups::show)
                .service(security_groups::create)
                .service(security_groups::delete)
                .service(security_groups::add_rule)
                .service(security_groups::remove_rule),
        )
        .service(
            scope::scope("/addresses")
                .service(addresses::list)
                .service(addresses::show)
                .service(addresses::allocate)
                .service(addresses::release)
                .service(addresses::associate)
                .service(addresses::disassociate),
        )
        .service(quotas::list);
}

fn of_one_node(config: &mut ServiceConfig<'_>) {
    config
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
        .service(console::console)
        .service(console::remote_console);
}
