//! ETags of single resources: what changed, and what did not.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use actix_web::http::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, InvalidHeaderValue,
    TryIntoHeaderValue,
};
use foldhash::quality::FixedState;

/// What a weak ETag begins with.
const WEAK: &[u8] = b"W/";

/// A weak ETag: `W/"0123456789abcdef"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Etag([u8; Self::LENGTH]);

impl Etag {
    const LENGTH: usize = 20;

    /// That of a resource as JSON.
    pub(super) fn of_json(json: &[u8]) -> Self {
        Self::of_all_but(json, json.len()..json.len())
    }

    /// The same without a part that changes though the resource does not: when it was looked at.
    pub(super) fn of_all_but(json: &[u8], changing: Range<usize>) -> Self {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(json.get(..changing.start).unwrap_or_default());
        hasher.write(json.get(changing.end..).unwrap_or_default());
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
    fn a_part_is_left_out_and_nothing_else() {
        let tag = |json: &[u8]| Etag::of_all_but(json, 4..6);
        assert_eq!(tag(b"{id:12,x:1}"), tag(b"{id:34,x:1}"));
        assert_ne!(tag(b"{id:12,x:1}"), tag(b"{id:12,x:2}"));
        assert_ne!(Etag::of_json(b"{id:12}"), Etag::of_json(b"{id:34}"));
    }
}
