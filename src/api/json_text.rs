//! Texts in JSON. What needs an escape is found eight bytes at a time, and what comes from the code
//! is put together when it is compiled.

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

/// Whether one of eight bytes is below 0x20, a quote or a backslash. Where it says no there is
/// none; the highest bits are set for each byte that may be one.
const fn may_need_escape(bytes: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const fn has_zero(bytes: u64) -> u64 {
        bytes.wrapping_sub(ONES) & !bytes
    }
    let control = bytes.wrapping_sub(ONES * 0x20) & !bytes;
    let quote = has_zero(bytes ^ (ONES * b'"' as u64));
    let backslash = has_zero(bytes ^ (ONES * b'\\' as u64));
    (control | quote | backslash) & HIGH != 0
}

/// Whether every byte stands for itself. What is left over of the eights is looked at together with
/// bytes that were seen already.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<8>() {
        let (words, _) = text.as_chunks::<8>();
        let mut words = words.iter().chain([last]);
        words.all(|word| !may_need_escape(u64::from_le_bytes(*word)))
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let [first, last] = [*first, *last].map(u32::from_le_bytes).map(u64::from);
        !may_need_escape(first | last << 32)
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
    out.reserve(text.len() + 2);
    out.push(b'"');
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        write_escaped(out, text);
    }
    out.push(b'"');
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
        let text = text.as_bytes();
        if is_plain(text) {
            self.0.extend_from_slice(text);
        } else {
            write_escaped(self.0, text);
        }
        Ok(())
    }
}
