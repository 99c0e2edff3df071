//! Where operations go: into the routes that are served, or into the document that describes them.
//! Only who wants the document pays for putting it together; a server does not.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Responder};
use utoipa::openapi::path::Paths;
use utoipa::openapi::{HttpMethod, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

use super::routes::{Answer, Routes};

/// What the attribute of a handler says of its operation.
pub(super) trait Operation: utoipa::Path + OpenApiFactory {}

impl<O: utoipa::Path + OpenApiFactory> Operation for O {}

/// Takes operations.
pub(super) trait Register {
    /// Takes an operation, and what answers it.
    fn operation<O: Operation>(&mut self, operation: O, answer: Answer);

    /// Takes a page, which is in no document.
    fn page(&mut self, path: &str, answer: Answer);
}

/// Hands handlers on, each with what its attribute says: that lies beside it, under a name that
/// `utoipa` makes of the handler's.
macro_rules! serve {
    ($to:ident: $($module:ident { $($handler:ident),* $(,)? })*) => {
        pastey::paste! {$($(
            $to.operation(
                $module::[<__path_ $handler>],
                $crate::api::register::answering($module::$handler),
            );
        )*)*}
    };
}
pub(super) use serve;

/// What a handler answers, after what it asks for was taken from the request.
pub(super) fn answering<H, A>(handler: H) -> Answer
where
    H: Handler<A> + Send + Sync,
    A: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    Box::new(move |request: ServiceRequest| {
        let handler = handler.clone();
        Box::pin(async move {
            let (request, mut payload) = request.into_parts();
            let answer = match A::from_request(&request, &mut payload).await {
                Ok(asked) => {
                    let answer = handler.call(asked).await;
                    answer.respond_to(&request).map_into_boxed_body()
                }
                Err(error) => HttpResponse::from_error(error),
            };
            Ok(ServiceResponse::new(request, answer))
        })
    })
}

/// Serves them.
impl Register for Routes {
    fn operation<O: Operation>(&mut self, _: O, answer: Answer) {
        let methods = O::methods();
        if let Some(method) = methods.first() {
            self.add(method_of(method), &O::path(), answer);
        }
    }

    fn page(&mut self, path: &str, answer: Answer) {
        self.add(Method::GET, path, answer);
    }
}

fn method_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// Describes them.
#[derive(Default)]
pub(super) struct Described {
    pub(super) paths: Paths,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Register for Described {
    fn operation<O: Operation>(&mut self, operation: O, _: Answer) {
        self.paths.merge(operation.paths());
        operation.schemas(&mut self.schemas);
    }

    fn page(&mut self, _: &str, _: Answer) {}
}
