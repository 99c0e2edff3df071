//! ETags of single resources: what changed, and what did not.

use std::hash::{BuildHasher, Hasher};

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use foldhash::quality::FixedState;
use memchr::memmem;

/// The field that changes with every look, though the resource does not.
const OBSERVED_AT: &[u8] = br#""observed_at":""#;

/// The weak ETag of a resource as JSON: a hash of everything but when it was looked at.
pub(super) fn of_json(json: &[u8]) -> String {
    let mut hasher = FixedState::default().build_hasher();
    let mut rest = json;
    while let Some(at) = memmem::find(rest, OBSERVED_AT) {
        let (before, from) = rest.split_at(at + OBSERVED_AT.len());
        hasher.write(before);
        let end = from
            .iter()
            .position(|byte| *byte == b'"')
            .unwrap_or(from.len());
        rest = &from[end..];
    }
    hasher.write(rest);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Whether `If-None-Match` says that the client has this already.
pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    names(headers, &IF_NONE_MATCH, etag)
}

/// Whether `If-Match` is there and does not name this.
pub(super) fn is_stale(headers: &HeaderMap, etag: &str) -> bool {
    headers.contains_key(IF_MATCH) && !names(headers, &IF_MATCH, etag)
}

fn names(headers: &HeaderMap, name: &HeaderName, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.trim_start_matches("W/") == opaque)
        })
}

#[cfg(test)]
mod tests {
    use super::of_json;

    #[test]
    fn only_the_time_of_the_look_is_left_out() {
        let first = of_json(br#"{"id":"1","observed_at":"2026-01-01T00:00:00Z","x":1}"#);
        let later = of_json(br#"{"id":"1","observed_at":"2026-01-02T00:00:00Z","x":1}"#);
        let other = of_json(br#"{"id":"1","observed_at":"2026-01-01T00:00:00Z","x":2}"#);
        assert_eq!(first, later);
        assert_ne!(first, other);
    }
}
