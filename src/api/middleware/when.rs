//! Middleware for the requests that need it. The others are spared it: compression, say, is the
//! negotiation and a look at the media type, before it turns out that nobody asked.

use std::rc::Rc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::future::{Either, LocalBoxFuture, MapOk, TryFutureExt};

/// Another middleware, for requests of which `is_needed` is true.
#[derive(Debug, Clone)]
pub(crate) struct When<T> {
    is_needed: fn(&ServiceRequest) -> bool,
    then: T,
}

impl<T> When<T> {
    /// Puts `then` before what `is_needed` takes.
    pub(crate) fn new(is_needed: fn(&ServiceRequest) -> bool, then: T) -> Self {
        Self { is_needed, then }
    }
}

type Answer<C, B> = ServiceResponse<EitherBody<C, B>>;

impl<T, S, B, C> Transform<S, ServiceRequest> for When<T>
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
    type Transform = WhenService<T::Transform, S>;
    type InitError = T::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Transform, T::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let plain = Rc::new(service);
        let is_needed = self.is_needed;
        let then = self.then.new_transform(Rc::clone(&plain));
        Box::pin(then.map_ok(move |then| WhenService {
            is_needed,
            then,
            plain,
        }))
    }
}

/// The middleware before one service.
#[derive(Debug)]
pub(crate) struct WhenService<T, S> {
    is_needed: fn(&ServiceRequest) -> bool,
    then: T,
    plain: Rc<S>,
}

impl<T, S, B, C> Service<ServiceRequest> for WhenService<T, S>
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
        if (self.is_needed)(&request) {
            let answer = self.then.call(request);
            Either::Left(Box::pin(answer.map_ok(ServiceResponse::map_into_left_body)))
        } else {
            let answer = self.plain.call(request);
            Either::Right(answer.map_ok(ServiceResponse::map_into_right_body))
        }
    }
}
