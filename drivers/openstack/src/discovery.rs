//! Version documents: what a service says about itself.
//!
//! The addresses in them are not looked at: behind proxies they name hosts, schemes and ports that
//! nobody reaches.

use cloudfarm_contract::Text;
use cloudfarm_http::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::version::Microversion;

/// A version of a service's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiVersion {
    /// As `v2.1`.
    pub(crate) id: Text,
    /// The range of microversions; none where there are none.
    pub(crate) range: Option<(Microversion, Microversion)>,
}

impl ApiVersion {
    /// The major version.
    pub(crate) fn major(&self) -> Option<u16> {
        let number = self.id.strip_prefix('v')?;
        number.split('.').next()?.parse().ok()
    }
}

#[derive(Deserialize)]
struct Entry {
    id: Text,
    #[serde(default)]
    status: String,
    version: Option<String>,
    max_version: Option<String>,
    min_version: Option<String>,
}

/// The versions in a document, whatever its form; none if it is something else, such as HTML.
pub(crate) fn versions(response: &Response) -> Vec<ApiVersion> {
    serde_json::from_slice(response.bytes())
        .ok()
        .map(|document: Value| entries(&document))
        .unwrap_or_default()
}

fn entries(document: &Value) -> Vec<ApiVersion> {
    let found = [
        &document["versions"]["values"],
        &document["versions"],
        &document["choices"],
    ];
    let list = found.into_iter().find_map(Value::as_array).cloned();
    let single = document
        .get("version")
        .filter(|version| version.is_object());
    let list = list.or_else(|| single.map(|version| vec![version.clone()]));
    list.unwrap_or_default()
        .into_iter()
        .filter_map(|entry| serde_json::from_value::<Entry>(entry).ok())
        .filter(|entry| !entry.status.eq_ignore_ascii_case("deleted"))
        .map(read)
        .collect()
}

fn read(entry: Entry) -> ApiVersion {
    let parse = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let newest = parse(entry.version).or_else(|| parse(entry.max_version));
    let range = newest.map(|newest| (parse(entry.min_version).unwrap_or(newest), newest));
    ApiVersion {
        id: entry.id,
        range,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Microversion, entries};

    #[test]
    fn every_form_of_document_is_read() {
        let range = Some((Microversion::new(2, 1), Microversion::new(2, 96)));
        let entry =
            json!({"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1"});
        for document in [
            json!({"versions": [entry]}),
            json!({"versions": {"values": [entry]}}),
            json!({"choices": [entry]}),
            json!({"version": entry}),
        ] {
            let found = entries(&document);
            assert_eq!(found.len(), 1, "{document}");
            assert_eq!((found[0].major(), found[0].range), (Some(2), range));
        }
    }

    #[test]
    fn a_version_without_microversions_has_no_range() {
        let found = entries(&json!({"versions": [
            {"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": ""},
            {"id": "v1.0", "status": "deleted"},
        ]}));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].range, None);
        assert!(entries(&json!("<html>")).is_empty());
    }
}
