//! Compression for who asks for it. Whoever does not is spared the negotiation and the look at the
//! media type.

use std::rc::Rc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::ACCEPT_ENCODING;
use futures_util::future::{Either, LocalBoxFuture, MapOk, TryFutureExt};

/// Another middleware, for requests that name an encoding.
#[derive(Debug, Clone)]
pub(crate) struct IfAsked<T>(pub(crate) T);

type Answer<C, B> = ServiceResponse<EitherBody<C, B>>;

impl<T, S, B, C> Transform<S, ServiceRequest> for IfAsked<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: Transform<Rc<S>, ServiceRequest, Response = ServiceResponse<C>, Error = Error>,
    T::Transform: 'static,
    T::Future: 'static,
    T::InitError: 'static,
    B: MessageBody + 'static,
    C: MessageBody + 'static,
{
    type Response = Answer<C, B>;
    type Error = Error;
    type Transform = IfAskedService<T::Transform, S>;
    type InitError = T::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Transform, T::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let plain = Rc::new(service);
        let compressing = self.0.new_transform(Rc::clone(&plain));
        Box::pin(compressing.map_ok(|compressing| IfAskedService { compressing, plain }))
    }
}

/// The middleware before one service.
#[derive(Debug)]
pub(crate) struct IfAskedService<T, S> {
    compressing: T,
    plain: Rc<S>,
}

impl<T, S, B, C> Service<ServiceRequest> for IfAskedService<T, S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T: Service<ServiceRequest, Response = ServiceResponse<C>, Error = Error>,
    T::Future: 'static,
    B: MessageBody + 'static,
    C: MessageBody + 'static,
{
    type Response = Answer<C, B>;
    type Error = Error;
    type Future = Either<
        LocalBoxFuture<'static, Result<Self::Response, Error>>,
        MapOk<S::Future, fn(ServiceResponse<B>) -> Self::Response>,
    >;

    forward_ready!(plain);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if request.headers().contains_key(ACCEPT_ENCODING) {
            let answer = self.compressing.call(request);
            Either::Left(Box::pin(answer.map_ok(ServiceResponse::map_into_left_body)))
        } else {
            let answer = self.plain.call(request);
            Either::Right(answer.map_ok(ServiceResponse::map_into_right_body))
        }
    }
}
