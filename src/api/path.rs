//! What stands in a path where its template has parameters.

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use cloudfarm_contract::{Error, Text};
use percent_encoding::percent_decode_str;

use super::call::Tracked;
use super::error::ApiError;

/// The parameters of a path, in their order and without percent-encoding.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    texts: [Text; Self::MAX],
    count: usize,
}

impl Parameters {
    /// How many a template may have.
    pub(super) const MAX: usize = 3;

    pub(super) fn push(&mut self, part: &str) {
        if let Some(text) = self.texts.get_mut(self.count) {
            *text = Text::from(part);
        }
        self.count += 1;
    }

    pub(super) fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    /// None, if there are more than there is room for.
    pub(super) fn as_slice(&self) -> &[Text] {
        self.texts.get(..self.count).unwrap_or_default()
    }
}

/// A part of a path without its percent-encoding. A slash that comes out of it is none that parts a
/// path.
pub(super) fn decoded(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8_lossy()
}

/// What a handler wants of the path.
pub(super) trait FromPath: Sized {
    /// `None` if the template has another number of parameters.
    fn from_path(parameters: &[Text]) -> Option<Self>;
}

impl FromPath for () {
    fn from_path(_: &[Text]) -> Option<Self> {
        Some(())
    }
}

impl FromPath for Text {
    fn from_path(parameters: &[Text]) -> Option<Self> {
        match parameters {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
}

impl FromPath for (Text, Text) {
    fn from_path(parameters: &[Text]) -> Option<Self> {
        match parameters {
            [one, two] => Some((one.clone(), two.clone())),
            _ => None,
        }
    }
}

impl FromPath for (Text, Text, Text) {
    fn from_path(parameters: &[Text]) -> Option<Self> {
        match parameters {
            [one, two, three] => Some((one.clone(), two.clone(), three.clone())),
            _ => None,
        }
    }
}

/// The parameters of the path, for handlers.
#[derive(Debug)]
pub(super) struct InPath<P>(pub(super) P);

impl<P: FromPath> FromRequest for InPath<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let tracked = extensions.get::<Tracked>();
        let path = tracked.and_then(|tracked| P::from_path(tracked.parameters.as_slice()));
        let missing = || Error::internal("the path has other parameters than its handler").into();
        ready(path.map(Self).ok_or_else(missing))
    }
}
