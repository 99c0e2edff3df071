//! Which route a path belongs to: for the metrics, and for what to say where nothing takes it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use memchr::memchr;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::openapi::path::Paths;

/// The page of the documentation is in no document.
const DOCS: &str = "/docs/{file}";

/// Every path of the API, as a tree of its segments.
#[derive(Debug)]
pub(crate) struct Routes {
    root: Segment,
    none: Arc<str>,
    hint: String,
}

/// A path with the methods it has.
#[derive(Debug)]
pub(crate) struct Route {
    /// The path with its parameters in braces.
    pub(crate) template: Arc<str>,
    /// The methods.
    pub(crate) methods: Vec<&'static str>,
}

#[derive(Debug, Default)]
struct Segment {
    route: Option<Route>,
    named: HashMap<String, Self, RandomState>,
    parameter: Option<Box<Self>>,
}

impl Routes {
    /// As the document has them, which is JSON.
    pub(crate) fn of(document: &str) -> Self {
        let mut root = Segment::default();
        let document: Described = serde_json::from_str(document).unwrap_or_default();
        for (path, item) in document.paths {
            root.add(&path, methods(&item));
        }
        root.add(DOCS, vec!["GET"]);
        Self::new(root, "/docs lists the paths there are".to_owned())
    }

    /// These, each of which can be read.
    pub(crate) fn of_few(paths: &Paths) -> Self {
        let mut root = Segment::default();
        let paths: Vec<&str> = paths.paths.keys().map(String::as_str).collect();
        for path in &paths {
            root.add(path, vec!["GET"]);
        }
        Self::new(root, format!("there are: {}", paths.join(", ")))
    }

    fn new(root: Segment, hint: String) -> Self {
        let none = Arc::from("(none)");
        Self { root, none, hint }
    }

    /// What to tell whoever asks for a path that is not there.
    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }

    /// The route of this path.
    pub(crate) fn find(&self, path: &str) -> Option<&Route> {
        self.root.find(Some(path))
    }

    /// The template of this path; of one that no route takes, a word for that.
    pub(crate) fn template_of(&self, path: &str) -> Arc<str> {
        let template = self.find(path).map_or(&self.none, |route| &route.template);
        Arc::clone(template)
    }
}

impl Segment {
    fn add(&mut self, template: &str, methods: Vec<&'static str>) {
        let end = template.split('/').fold(self, |segment, part| {
            if part.starts_with('{') {
                segment.parameter.get_or_insert_default()
            } else {
                segment.named.entry(part.to_owned()).or_default()
            }
        });
        end.route = Some(Route {
            template: Arc::from(template),
            methods,
        });
    }

    /// The route of what is left of a path; `None` is left behind its last part.
    fn find(&self, left: Option<&str>) -> Option<&Route> {
        let Some(left) = left else {
            return self.route.as_ref();
        };
        let (part, left) = match memchr(b'/', left.as_bytes()) {
            Some(at) => (&left[..at], Some(&left[at + 1..])),
            None => (left, None),
        };
        let named = self.named.get(part);
        named.and_then(|segment| segment.find(left)).or_else(|| {
            let parameter = self.parameter.as_ref().filter(|_| !part.is_empty());
            parameter?.find(left)
        })
    }
}

/// What of the document says which routes there are.
#[derive(Debug, Default, Deserialize)]
struct Described {
    paths: BTreeMap<String, Methods>,
}

type Methods = BTreeMap<String, IgnoredAny>;

fn methods(of: &Methods) -> Vec<&'static str> {
    let is_there = |method: &&str| of.contains_key(&method.to_ascii_lowercase());
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    known.into_iter().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::{Routes, Segment};

    #[test]
    fn names_go_before_parameters() {
        let mut root = Segment::default();
        root.add("/nodes/{node}", vec!["GET"]);
        root.add("/nodes/all", vec!["POST"]);
        root.add("/nodes/{node}/{action}", vec!["POST"]);
        let routes = Routes::new(root, String::new());
        let found = |path| Some(&*routes.find(path)?.template);
        assert_eq!(found("/nodes/web-1"), Some("/nodes/{node}"));
        assert_eq!(found("/nodes/all"), Some("/nodes/all"));
        assert_eq!(found("/nodes/all/stop"), Some("/nodes/{node}/{action}"));
        assert_eq!(found("/nodes/"), None);
        assert_eq!(found("/nodes"), None);
        assert_eq!(found("/"), None);
    }
}
