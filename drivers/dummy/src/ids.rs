//! Ids: a prefix for the kind and twelve hex digits, short enough to be kept in place.
//!
//! The digits are the ordinal of the resource under a permutation that the seed picks. So ids of
//! one cloud mean nothing on another, which shows at once where somebody mixes clouds up, and an id
//! leads back to its ordinal without a table.

use cloudfarm_contract::{Error, Text};
use serde::{Deserialize, Serialize};

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Node,
    Image,
    KeyPair,
    Volume,
    VolumeSnapshot,
    NodeSnapshot,
    Network,
    Subnet,
    Router,
    SecurityGroup,
    SecurityRule,
    Address,
    Size,
    Location,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Node => "node-",
            Self::Image => "img-",
            Self::KeyPair => "key-",
            Self::Volume => "vol-",
            Self::VolumeSnapshot => "vsnap-",
            Self::NodeSnapshot => "nsnap-",
            Self::Network => "net-",
            Self::Subnet => "subnet-",
            Self::Router => "router-",
            Self::SecurityGroup => "group-",
            Self::SecurityRule => "rule-",
            Self::Address => "addr-",
            Self::Size => "size-",
            Self::Location => "loc-",
        }
    }

    /// The resource in words, for messages.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Image => "image",
            Self::KeyPair => "key pair",
            Self::Volume => "volume",
            Self::VolumeSnapshot => "volume snapshot",
            Self::NodeSnapshot => "node snapshot",
            Self::Network => "network",
            Self::Subnet => "subnet",
            Self::Router => "router",
            Self::SecurityGroup => "security group",
            Self::SecurityRule => "security rule",
            Self::Address => "address",
            Self::Size => "size",
            Self::Location => "location",
        }
    }

    /// The error for an id that leads nowhere.
    pub(crate) fn not_found(self, id: &str) -> Error {
        Error::not_found(format!("there is no {} {id}", self.noun())).with_provider(
            Some(404),
            None,
            None,
        )
    }
}

const BITS: u64 = (1 << 48) - 1;
const FACTOR: u64 = 0x0005_DEEC_E66D;
const INVERSE: u64 = inverse(FACTOR);
const DIGITS: usize = 12;

/// The number that undoes a multiplication by `factor`, by Newton's iteration.
const fn inverse(factor: u64) -> u64 {
    let mut inverse = factor;
    let mut round = 0;
    while round < 6 {
        let error = 2_u64.wrapping_sub(factor.wrapping_mul(inverse));
        inverse = inverse.wrapping_mul(error);
        round += 1;
    }
    inverse & BITS
}

/// A well-mixed number made from another.
pub(crate) const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A number made from a text.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The permutation of one cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    seed: u64,
    offset: u64,
}

impl Ids {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            seed,
            offset: mix(seed) & BITS,
        }
    }

    /// A number that is always the same for `ordinal` on a cloud with this seed.
    pub(crate) const fn draw(&self, ordinal: u64) -> u64 {
        mix(self.seed ^ mix(ordinal))
    }

    const fn scramble(&self, ordinal: u64) -> u64 {
        ordinal.wrapping_mul(FACTOR).wrapping_add(self.offset) & BITS
    }

    const fn unscramble(&self, number: u64) -> u64 {
        number.wrapping_sub(self.offset).wrapping_mul(INVERSE) & BITS
    }

    pub(crate) fn id(&self, kind: Kind, ordinal: u64) -> Text {
        let mut id = Inline::default();
        id.push(kind.prefix());
        id.push_hex(self.scramble(ordinal), DIGITS);
        id.text()
    }

    /// The ordinal behind `id`; `None` for what cannot be an id of this kind.
    pub(crate) fn ordinal(&self, kind: Kind, id: &str) -> Option<u64> {
        let digits = id.strip_prefix(kind.prefix())?;
        Some(self.unscramble(hex(digits, DIGITS)?))
    }

    /// The text of a marker: it says behind which resource of which list the page starts.
    pub(crate) fn marker(&self, kind: Kind, ordinal: u64) -> Text {
        let mut marker = Inline::default();
        marker.push_hex(self.scramble(ordinal), DIGITS);
        marker.push_hex(self.check(kind, ordinal), 6);
        marker.text()
    }

    /// The ordinal in a marker; `None` for a marker of another cloud or of another list.
    pub(crate) fn marked(&self, kind: Kind, marker: &str) -> Option<u64> {
        let (digits, check) = marker.split_at_checked(DIGITS)?;
        let ordinal = self.unscramble(hex(digits, DIGITS)?);
        (hex(check, 6)? == self.check(kind, ordinal)).then_some(ordinal)
    }

    const fn check(&self, kind: Kind, ordinal: u64) -> u64 {
        mix(self.draw(ordinal) ^ kind as u64) & 0xFF_FFFF
    }
}

/// Reads exactly `digits` lower-case hex digits, so that a number has one spelling.
fn hex(text: &str, digits: usize) -> Option<u64> {
    let canonical = text.len() == digits
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    canonical
        .then(|| u64::from_str_radix(text, 16).ok())
        .flatten()
}

/// A short text put together without the heap.
#[derive(Default)]
pub(crate) struct Inline {
    bytes: [u8; 32],
    length: usize,
}

impl Inline {
    /// Adds what fits.
    pub(crate) fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            free.copy_from_slice(text.as_bytes());
            self.length = end;
        }
    }

    /// Adds the last `digits` digits of a number.
    #[inline]
    fn push_digits(&mut self, mut number: u64, base: u64, digits: usize) {
        let end = self.length + digits;
        if let Some(free) = self.bytes.get_mut(self.length..end) {
            for digit in free.iter_mut().rev() {
                *digit = b"0123456789abcdef"[(number % base) as usize];
                number /= base;
            }
            self.length = end;
        }
    }

    pub(crate) fn push_hex(&mut self, number: u64, digits: usize) {
        self.push_digits(number, 16, digits);
    }

    pub(crate) fn push_decimal(&mut self, number: u64, digits: usize) {
        self.push_digits(number, 10, digits);
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> Text {
        Text::from(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Ids, Kind};

    #[test]
    fn an_id_leads_back_to_its_ordinal_and_fits_in_place() {
        let ids = Ids::new(7);
        for ordinal in [0, 1, 2, 100_000, 1 << 40] {
            let id = ids.id(Kind::Subnet, ordinal);
            assert!(id.len() <= 22, "{id} is long");
            assert_eq!(ids.ordinal(Kind::Subnet, &id), Some(ordinal));
            assert_eq!(ids.ordinal(Kind::Node, &id), None);
        }
        assert_ne!(ids.id(Kind::Node, 1), Ids::new(8).id(Kind::Node, 1));
    }

    #[test]
    fn an_id_has_one_spelling() {
        let ids = Ids::new(7);
        let id = ids
            .id(Kind::Node, 77)
            .to_uppercase()
            .replace("NODE", "node");
        assert_eq!(ids.ordinal(Kind::Node, &id), None);
        assert_eq!(ids.ordinal(Kind::Node, "node-+00000000001"), None);
        assert_eq!(ids.ordinal(Kind::Node, "node-é0000000000"), None);
    }

    #[test]
    fn a_marker_is_good_for_its_own_list_alone() {
        let ids = Ids::new(7);
        let marker = ids.marker(Kind::Node, 42);
        assert_eq!(ids.marked(Kind::Node, &marker), Some(42));
        assert_eq!(ids.marked(Kind::Volume, &marker), None);
        assert_eq!(Ids::new(8).marked(Kind::Node, &marker), None);
        assert_eq!(ids.marked(Kind::Node, "nonsense"), None);
    }
}
