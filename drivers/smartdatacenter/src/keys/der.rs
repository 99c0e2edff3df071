//! As much of DER as keys need.

use super::public::{PublicKey, positive};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Takes an element of any kind, with its tag.
pub(super) fn take<'d>(rest: &mut &'d [u8]) -> Option<(u8, &'d [u8])> {
    let (&[tag, first], mut tail) = rest.split_first_chunk::<2>()?;
    let length = if first & 0x80 == 0 {
        usize::from(first)
    } else {
        let (bytes, after) = tail.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        tail = after;
        bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte))
    };
    let (content, after) = tail.split_at_checked(length)?;
    *rest = after;
    Some((tag, content))
}

/// Takes an element of this kind.
pub(super) fn take_a<'d>(rest: &mut &'d [u8], wanted: u8) -> Option<&'d [u8]> {
    let (tag, content) = take(rest)?;
    (tag == wanted).then_some(content)
}

/// Writes an element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![tag];
    match content.len() {
        // What fits into seven bits stands alone.
        length @ 0..0x80 => written.push(length as u8),
        length => {
            let bytes = positive(&length.to_be_bytes());
            written.push(0x80 | bytes.len() as u8);
            written.extend(bytes);
        }
    }
    written.extend(content);
    written
}

/// Writes a positive number.
pub(super) fn integer(number: &[u8]) -> Vec<u8> {
    let mut bytes = positive(number);
    if bytes.first().is_none_or(|byte| byte & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    element(INTEGER, &bytes)
}

/// The public half of an RSA key, from its `RSAPublicKey`.
pub(super) fn rsa_public(der: &[u8]) -> Option<PublicKey> {
    let mut rest = der;
    let mut fields = take_a(&mut rest, SEQUENCE)?;
    Some(PublicKey::Rsa {
        modulus: positive(take_a(&mut fields, INTEGER)?),
        exponent: positive(take_a(&mut fields, INTEGER)?),
    })
}

/// The algorithm and the parameter of a key in PKCS#8, as the bytes of their object identifiers.
pub(super) fn pkcs8_algorithm(der: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let mut rest = der;
    let mut fields = take_a(&mut rest, SEQUENCE)?;
    take_a(&mut fields, INTEGER)?;
    let mut algorithm = take_a(&mut fields, SEQUENCE)?;
    let kind = take_a(&mut algorithm, OID)?;
    Some((kind, take_a(&mut algorithm, OID)))
}

/// The curve of a key in SEC1's form, as the bytes of its object identifier.
pub(super) fn sec1_curve(der: &[u8]) -> Option<&[u8]> {
    let mut rest = der;
    let mut fields = take_a(&mut rest, SEQUENCE)?;
    take_a(&mut fields, INTEGER)?;
    take_a(&mut fields, OCTETS)?;
    let mut parameters = take_a(&mut fields, 0xa0)?;
    take_a(&mut parameters, OID)
}

#[cfg(test)]
mod tests {
    use super::{INTEGER, SEQUENCE, element, integer, take, take_a};

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = element(SEQUENCE, &content);
            let mut rest = written.as_slice();
            assert_eq!(take_a(&mut rest, SEQUENCE), Some(content.as_slice()));
            assert!(rest.is_empty());
        }
        assert_eq!(integer(&[0, 0x80]), [INTEGER, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [INTEGER, 1, 0]);
    }

    #[test]
    fn a_length_beyond_the_end_is_no_element() {
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 5, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x30, 0xff],
        ] {
            assert_eq!(take(&mut &*broken), None);
        }
    }
}
