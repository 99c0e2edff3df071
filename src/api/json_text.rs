//! Texts in JSON. What needs an escape is found sixteen bytes at a time, and what comes from the
//! code is put together when it is compiled.

const ESCAPED: [u8; 256] = escapes();

/// For each byte 0 if it stands for itself, `u` for a code, else the letter after the backslash.
const fn escapes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
}

/// How far a byte is from the nearest that needs an escape: 0 if it needs one itself. One comparison
/// for the three, for of several the compiler makes something slower.
#[inline(always)]
fn distance(byte: u8) -> u8 {
    let control = byte.saturating_sub(0x1F);
    control.min(byte ^ b'"').min(byte ^ b'\\')
}

/// Whether each of these bytes stands for itself. Their number is known to the compiler, which looks
/// at all of them at once.
#[inline(always)]
fn are_plain<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    let mut escaped = false;
    for (one, other) in one.iter().zip(other) {
        escaped |= distance(*one).min(distance(*other)) == 0;
    }
    !escaped
}

/// A byte of ones in each byte of a word.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The same of up to eight bytes, which are looked at as the bytes of a word: the uppermost bit of
/// one is set where subtracting has to borrow from the next.
#[inline(always)]
fn are_plain_words<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    let word = |bytes: &[u8; N]| {
        let mut word = [b' '; 8];
        word[..N].copy_from_slice(bytes);
        u64::from_ne_bytes(word)
    };
    (escaped_in(word(one)) | escaped_in(word(other))) & (EACH << 7) == 0
}

#[inline(always)]
fn escaped_in(word: u64) -> u64 {
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let quote = word ^ (EACH * u64::from(b'"'));
    let backslash = word ^ (EACH * u64::from(b'\\'));
    below(word, 0x20) | below(quote, 1) | below(backslash, 1)
}

/// Whether every byte stands for itself. What is left over of the sixteens is looked at together
/// with bytes that were seen already.
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<16>() {
        let (pieces, _) = text.as_chunks::<16>();
        pieces.iter().all(|piece| are_plain(piece, last))
    } else {
        text.iter().all(|byte| ESCAPED[usize::from(*byte)] == 0)
    }
}

/// Writes the name of a field and the colon, after a comma unless it is the first. Names come from
/// the code, so none needs an escape, and where the code is one with this the compiler puts the
/// whole together beforehand.
#[inline(always)]
pub(super) fn write_name(out: &mut Vec<u8>, is_first: bool, name: &'static str) {
    debug_assert!(is_plain(name.as_bytes()), "{name:?} needs an escape");
    let mut piece = [0; 32];
    let length = name.len() + 4;
    if length > piece.len() {
        write_long_name(out, is_first, name);
        return;
    }
    piece[0] = b',';
    piece[1] = b'"';
    piece[2..length - 2].copy_from_slice(name.as_bytes());
    piece[length - 2] = b'"';
    piece[length - 1] = b':';
    out.extend_from_slice(&piece[usize::from(is_first)..length]);
}

#[cold]
fn write_long_name(out: &mut Vec<u8>, is_first: bool, name: &'static str) {
    if !is_first {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a text that comes from the code, so it needs no escape; where the code is one with this
/// it is put together beforehand.
#[inline(always)]
pub(super) fn write_word(out: &mut Vec<u8>, word: &'static str) {
    debug_assert!(is_plain(word.as_bytes()), "{word:?} needs an escape");
    let mut piece = [0; 32];
    let length = word.len() + 2;
    if length > piece.len() {
        write_text(out, word);
        return;
    }
    piece[0] = b'"';
    piece[1..=word.len()].copy_from_slice(word.as_bytes());
    piece[length - 1] = b'"';
    out.extend_from_slice(&piece[..length]);
}

/// Writes a text in quotes.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    let is_written = match text.len() {
        2..4 => write_short::<2, 6>(out, text, are_plain_words),
        4..8 => write_short::<4, 10>(out, text, are_plain_words),
        8..16 => write_short::<8, 18>(out, text, are_plain_words),
        16..=32 => write_short::<16, 34>(out, text, are_plain),
        _ => false,
    };
    if !is_written {
        write_quoted(out, text);
    }
}

/// By itself, so that what is short pays nothing for it.
#[inline(never)]
fn write_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    write_any(out, text);
    out.push(b'"');
}

/// Writes a text of `HALF` to twice `HALF` bytes in quotes, if they all stand for themselves and
/// there is room without asking for more. Most texts of a node are that short. Two halves, which may
/// overlap, go where quotes were put before in a fixed number, and what is too much of those is taken
/// off again: a copy whose length is not known beforehand is a call.
#[inline(always)]
fn write_short<const HALF: usize, const WHOLE: usize>(
    out: &mut Vec<u8>,
    text: &[u8],
    are_plain: impl Fn(&[u8; HALF], &[u8; HALF]) -> bool,
) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<HALF>(), text.last_chunk::<HALF>()) else {
        return false;
    };
    let quote = text.len() + 1;
    let has_room = out.capacity() - out.len() >= WHOLE;
    if !are_plain(first, last) || !has_room || quote >= WHOLE {
        return false;
    }
    let start = out.len();
    out.extend_from_slice(&[b'"'; WHOLE]);
    if let Some(piece) = out[start..].first_chunk_mut::<WHOLE>() {
        piece[1..][..HALF].copy_from_slice(first);
        piece[quote - HALF..quote].copy_from_slice(last);
    }
    out.truncate(start + quote + 1);
    true
}

/// Writes the first `length` bytes of what is not longer than `N`, by a copy of all of it.
#[inline(always)]
pub(super) fn write_piece<const N: usize>(out: &mut Vec<u8>, piece: &[u8; N], length: usize) {
    let end = out.len() + length;
    out.extend_from_slice(piece);
    out.truncate(end);
}

fn write_any(out: &mut Vec<u8>, text: &[u8]) {
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        write_escaped(out, text);
    }
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match ESCAPED[usize::from(*byte)] {
            0 => out.push(*byte),
            b'u' => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
    }
}

/// Escapes what is formatted.
#[derive(Debug)]
pub(super) struct Escaping<'a>(pub(super) &'a mut Vec<u8>);

impl std::fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        write_any(self.0, text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::write_text;

    #[test]
    fn each_byte_at_each_place_is_as_serde_json_writes_it() {
        for length in 0..=40 {
            for place in 0..length {
                for byte in 0..=0x7F_u8 {
                    let mut text = vec![b'a'; length];
                    text[place] = byte;
                    let text = String::from_utf8(text).unwrap();
                    for room in [0, 64] {
                        let mut out = Vec::with_capacity(room);
                        write_text(&mut out, &text);
                        let wanted = serde_json::to_string(&text).unwrap();
                        assert_eq!(String::from_utf8(out).unwrap(), wanted);
                    }
                }
            }
        }
    }
}
