//! Cursors: where a list goes on, opaque to clients.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudfarm_contract::{Error, Marker, Result, Text};
use sha2::{Digest, Sha256};

/// Bytes of the checksum. It keeps typing errors and cursors of other lists away from providers; it
/// is no secret, for a cursor grants nothing.
const CHECKSUM: usize = 6;

/// Where a list goes on: for one cloud a marker, for many a marker each.
pub(super) type Markers = BTreeMap<Text, Marker>;

/// Writes a cursor. `scope` says of which list it is (path and filters), so that it fits no other.
pub(super) fn encode(scope: &str, markers: &Markers) -> String {
    let mut bytes = serde_json::to_vec(markers).unwrap_or_default();
    let sum = checksum(scope, &bytes);
    bytes.extend_from_slice(&sum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor.
///
/// # Errors
///
/// `invalid` if it was not made by [`encode`] for the same `scope`.
pub(super) fn decode(scope: &str, cursor: &str) -> Result<Markers> {
    let wrong = || {
        Error::invalid("the cursor is not one of this list")
            .with_field("cursor")
            .with_hint("pass on the \"next\" of the page before, with the same filters")
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let at = bytes.len().checked_sub(CHECKSUM).ok_or_else(wrong)?;
    let (json, sum) = bytes.split_at(at);
    if checksum(scope, json) != sum {
        return Err(wrong());
    }
    serde_json::from_slice(json).map_err(|_| wrong())
}

fn checksum(scope: &str, bytes: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::new()
        .chain_update(scope)
        .chain_update([0])
        .chain_update(bytes)
        .finalize();
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&digest[..CHECKSUM]);
    sum
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::{Marker, Text};

    use super::{Markers, decode, encode};

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let markers = Markers::from([(Text::from("lab"), Marker::new("node-17"))]);
        let cursor = encode("/nodes?name=web-*", &markers);
        assert_eq!(decode("/nodes?name=web-*", &cursor).unwrap(), markers);
        assert!(decode("/nodes", &cursor).is_err());
        assert!(decode("/nodes?name=web-*", &cursor[1..]).is_err());
        assert!(decode("/nodes?name=web-*", "nonsense").is_err());
        assert!(decode("/nodes?name=web-*", "").is_err());
    }
}
