//! Which route a path belongs to: for who answers it, and for the metrics.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use foldhash::fast::RandomState;
use futures_util::future::LocalBoxFuture;
use memchr::memchr;

use super::path::{Parameters, decoded};

/// Answers a request.
pub(super) type Answer = Box<
    dyn Fn(ServiceRequest) -> LocalBoxFuture<'static, actix_web::Result<ServiceResponse>>
        + Send
        + Sync,
>;

/// Every path that is answered, as a tree of its segments.
#[derive(Debug)]
pub(crate) struct Routes {
    root: Segment,
    none: Arc<Route>,
    templates: Vec<Arc<str>>,
}

/// A path with the methods it has.
pub(crate) struct Route {
    /// The path with its parameters in braces.
    pub(crate) template: Arc<str>,
    answers: Vec<(Method, Answer)>,
}

#[derive(Debug, Default)]
struct Segment {
    route: Option<Arc<Route>>,
    named: HashMap<Box<str>, Self, RandomState>,
    parameter: Option<Box<Self>>,
}

/// Takes the percent-encoding off a part of a path.
type Decode = fn(&str) -> Cow<'_, str>;

impl Routes {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            root: Segment::default(),
            none: Arc::new(Route::new("(none)")),
            templates: Vec::new(),
        }
    }

    /// Adds what answers a method of the path with this template.
    pub(super) fn add(&mut self, method: Method, template: &str, answer: Answer) {
        let end = template.split('/').fold(&mut self.root, |segment, part| {
            if part.starts_with('{') {
                segment.parameter.get_or_insert_default()
            } else {
                segment.named.entry(part.into()).or_default()
            }
        });
        let templates = &mut self.templates;
        let route = end.route.get_or_insert_with(|| {
            let route = Route::new(template);
            templates.push(Arc::clone(&route.template));
            Arc::new(route)
        });
        // Nobody else has it before the table is complete.
        if let Some(route) = Arc::get_mut(route) {
            route.answers.push((method, answer));
        }
    }

    /// The paths, with their parameters in braces.
    pub(super) fn templates(&self) -> &[Arc<str>] {
        &self.templates
    }

    /// The route of this path, and its parameters. Of a path that no route takes it is one without a
    /// method.
    pub(crate) fn find(&self, path: &str) -> (Arc<Route>, Parameters) {
        let mut parameters = Parameters::default();
        let decode: Decode = match memchr(b'%', path.as_bytes()) {
            Some(_) => decoded,
            None => |part| Cow::Borrowed(part),
        };
        let route = self.root.find(Some(path), decode, &mut parameters);
        (Arc::clone(route.unwrap_or(&self.none)), parameters)
    }
}

impl Route {
    fn new(template: &str) -> Self {
        Self {
            template: Arc::from(template),
            answers: Vec::new(),
        }
    }

    /// Its methods.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.answers.iter().map(|(method, _)| method)
    }

    /// What answers this method.
    pub(super) fn answer(&self, method: &Method) -> Option<&Answer> {
        let of_method = self.answers.iter().find(|(of, _)| of == method);
        of_method.map(|(_, answer)| answer)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

impl Segment {
    /// The route of what is left of a path; `None` is left behind its last part.
    fn find(
        &self,
        left: Option<&str>,
        decode: Decode,
        parameters: &mut Parameters,
    ) -> Option<&Arc<Route>> {
        let Some(left) = left else {
            return self.route.as_ref();
        };
        // Parts are short: to set about a faster search would take longer than this.
        let (part, left) = match left.bytes().position(|byte| byte == b'/') {
            Some(at) => (&left[..at], Some(&left[at + 1..])),
            None => (left, None),
        };
        let part = decode(part);
        if let Some(named) = self.named.get(&*part)
            && let Some(route) = named.find(left, decode, parameters)
        {
            return Some(route);
        }
        let parameter = self.parameter.as_ref().filter(|_| !part.is_empty())?;
        parameters.push(&part);
        let found = parameter.find(left, decode, parameters);
        if found.is_none() {
            parameters.pop();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::http::Method;

    use super::Routes;
    use crate::api::register::answering;

    async fn answer() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    fn routes() -> Routes {
        let mut routes = Routes::new();
        for (method, template) in [
            (Method::GET, "/nodes/{node}"),
            (Method::DELETE, "/nodes/{node}"),
            (Method::POST, "/nodes/all"),
            (Method::POST, "/nodes/{node}/{action}"),
        ] {
            routes.add(method, template, answering(answer));
        }
        routes
    }

    fn found(path: &str) -> (String, Vec<String>) {
        let (route, parameters) = routes().find(path);
        let parameters = parameters.as_slice().iter().map(ToString::to_string);
        (route.template.to_string(), parameters.collect())
    }

    #[test]
    fn names_go_before_parameters() {
        let template = |path| found(path).0;
        assert_eq!(template("/nodes/web-1"), "/nodes/{node}");
        assert_eq!(template("/nodes/all"), "/nodes/all");
        assert_eq!(template("/nodes/all/stop"), "/nodes/{node}/{action}");
        for nothing in ["/nodes/", "/nodes", "/", "", "/nodes/a/b/c", "/nodes/a/"] {
            assert_eq!(template(nothing), "(none)", "{nothing}");
        }
    }

    #[test]
    fn parameters_are_those_of_the_route_and_decoded() {
        let parameters = |path| found(path).1;
        assert_eq!(parameters("/nodes/all"), Vec::<String>::new());
        assert_eq!(parameters("/nodes/all/stop"), ["all", "stop"]);
        assert_eq!(parameters("/n%6Fdes/a%20b%2Fc"), ["a b/c"]);
        assert_eq!(parameters("/nodes/%FF/%e2%82%ac"), ["\u{fffd}", "€"]);
        assert_eq!(parameters("/nodes/a/b/c"), Vec::<String>::new());
    }

    #[test]
    fn a_route_knows_its_methods() {
        let (route, _) = routes().find("/nodes/web-1");
        let methods: Vec<&Method> = route.methods().collect();
        assert_eq!(methods, [Method::GET, Method::DELETE]);
        assert!(route.answer(&Method::DELETE).is_some());
        assert!(route.answer(&Method::POST).is_none());
        let (none, _) = routes().find("/volumes");
        assert_eq!(none.methods().count(), 0);
    }
}
