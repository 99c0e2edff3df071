//! Where routes go: into an application that serves them, or into the document that describes them.
//! Only who wants the document pays for putting it together; a worker's application does not.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// Takes routes.
pub(super) trait Register {
    /// Takes a route.
    fn service(&mut self, service: impl HttpServiceFactory + OpenApiFactory + 'static)
    -> &mut Self;

    /// Takes the routes that `fill` has, under `path`.
    fn scope(&mut self, path: &str, fill: fn(&mut Self)) -> &mut Self;
}

/// Serves them.
impl Register for web::ServiceConfig {
    fn service(
        &mut self,
        service: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, service)
    }

    fn scope(&mut self, path: &str, fill: fn(&mut Self)) -> &mut Self {
        Self::service(self, web::scope(path).configure(fill))
    }
}

/// Describes them.
#[derive(Default)]
pub(super) struct Described {
    prefix: String,
    pub(super) paths: Paths,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Register for Described {
    fn service(
        &mut self,
        service: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        let mut paths = service.paths();
        paths.paths = paths
            .paths
            .into_iter()
            .map(|(path, item)| (format!("{}{path}", self.prefix), item))
            .collect();
        self.paths.merge(paths);
        service.schemas(&mut self.schemas);
        self
    }

    fn scope(&mut self, path: &str, fill: fn(&mut Self)) -> &mut Self {
        let outside = self.prefix.len();
        self.prefix.push_str(path);
        fill(self);
        self.prefix.truncate(outside);
        self
    }
}
