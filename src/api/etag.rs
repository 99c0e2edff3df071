//! ETags of single resources: what changed, and what did not.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::sync::LazyLock;

use actix_web::http::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, InvalidHeaderValue,
    TryIntoHeaderValue,
};
use foldhash::quality::FixedState;
use memchr::memmem::Finder;

/// The field that changes with every look, though the resource does not.
const OBSERVED_AT: &[u8] = br#""observed_at":""#;

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(OBSERVED_AT));

/// What a weak ETag begins with.
const WEAK: &[u8] = b"W/";

/// A weak ETag: `W/"0123456789abcdef"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Etag([u8; Self::LENGTH]);

impl Etag {
    const LENGTH: usize = 20;

    /// That of a resource as JSON: a hash of everything but when it was looked at.
    pub(super) fn of_json(json: &[u8]) -> Self {
        let mut hasher = FixedState::default().build_hasher();
        let mut rest = json;
        while let Some(at) = FINDER.find(rest) {
            let (before, from) = rest.split_at(at + OBSERVED_AT.len());
            hasher.write(before);
            let end = from
                .iter()
                .position(|byte| *byte == b'"')
                .unwrap_or(from.len());
            rest = &from[end..];
        }
        hasher.write(rest);
        Self::of_hash(&hasher)
    }

    /// The same where it is known where in the JSON stands when it was looked at.
    pub(super) fn of_all_but(json: &[u8], observed_at: Range<usize>) -> Self {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(json.get(..observed_at.start).unwrap_or_default());
        hasher.write(json.get(observed_at.end..).unwrap_or_default());
        Self::of_hash(&hasher)
    }

    fn of_hash(hasher: &impl Hasher) -> Self {
        let mut tag = *b"W/\"................\"";
        // There is room for exactly these digits.
        let _ = hex::encode_to_slice(hasher.finish().to_be_bytes(), &mut tag[3..19]);
        Self(tag)
    }

    /// Whether `If-None-Match` says that the client has this already.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        self.is_named(headers, &IF_NONE_MATCH)
    }

    /// Whether `If-Match` is there and does not name this.
    pub(super) fn is_stale(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(IF_MATCH) && !self.is_named(headers, &IF_MATCH)
    }

    fn is_named(&self, headers: &HeaderMap, name: &HeaderName) -> bool {
        let opaque = &self.0[WEAK.len()..];
        headers.get_all(name).any(|value| {
            let mut tags = value.as_bytes().split(|byte| *byte == b',');
            tags.any(|tag| {
                let tag = tag.trim_ascii();
                tag == b"*" || tag.strip_prefix(WEAK).unwrap_or(tag) == opaque
            })
        })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryIntoHeaderValue for Etag {
    type Error = InvalidHeaderValue;

    fn try_into_value(self) -> Result<HeaderValue, InvalidHeaderValue> {
        HeaderValue::from_bytes(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Etag;

    #[test]
    fn only_the_time_of_the_look_is_left_out() {
        let first = Etag::of_json(br#"{"id":"1","observed_at":"2026-01-01T00:00:00Z","x":1}"#);
        let later = Etag::of_json(br#"{"id":"1","observed_at":"2026-01-02T00:00:00Z","x":1}"#);
        let other = Etag::of_json(br#"{"id":"1","observed_at":"2026-01-01T00:00:00Z","x":2}"#);
        assert_eq!(first, later);
        assert_ne!(first, other);
    }
}
