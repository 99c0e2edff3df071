//! How values are written for people.

use std::fmt::{Display, Write};

use cloudfarm_contract::Text;
use cloudfarm_contract::model::Metadata;
use jiff::Timestamp;

/// The text with everything escaped that could steer a terminal: names and messages are chosen by
/// others.
pub(crate) fn printable(text: &str) -> String {
    if !text.chars().any(is_steering) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for char in text.chars() {
        if is_steering(char) {
            let _ = write!(clean, "{}", char.escape_default());
        } else {
            clean.push(char);
        }
    }
    clean
}

/// As [`printable`], for text of several lines.
pub(crate) fn printable_lines(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line.strip_suffix('\r').unwrap_or(line), "\n"),
            None => (line, ""),
        };
        let parts: Vec<String> = line.split('\t').map(printable).collect();
        clean.push_str(&parts.join("\t"));
        clean.push_str(end);
    }
    clean
}

/// Control characters, and those that turn the direction of writing.
fn is_steering(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What stands where there is nothing.
pub(crate) const NOTHING: &str = "-";

pub(crate) fn optional<T: Display>(value: Option<&T>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

pub(crate) fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

pub(crate) fn list<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if values.is_empty() {
        return NOTHING.to_owned();
    }
    values.join(",")
}

pub(crate) fn lines<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if values.is_empty() {
        return NOTHING.to_owned();
    }
    values.join("\n")
}

pub(crate) fn metadata(metadata: &Metadata) -> String {
    list(metadata.iter().map(|(key, value)| format!("{key}={value}")))
}

pub(crate) fn time(time: Option<&Timestamp>) -> String {
    time.map_or_else(
        || NOTHING.to_owned(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// `nodes`, `addresses`.
pub(crate) fn plural(noun: &str) -> String {
    let ending = if noun.ends_with('s') { "es" } else { "s" };
    format!("{noun}{ending}")
}

/// `1 node`, `3 nodes`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    format!("{number} {}", plural(noun))
}

/// The name where there is one, else the id.
pub(crate) fn name_or_id(id: Option<&Text>, name: Option<&Text>) -> String {
    optional(name.or(id))
}

#[cfg(test)]
mod tests {
    use super::{count, printable, printable_lines};

    #[test]
    fn escapes_and_nothing_else_are_taken_from_text() {
        assert_eq!(printable("größe-1"), "größe-1");
        assert_eq!(printable("a\u{1b}]0;x\u{7}b"), "a\\u{1b}]0;x\\u{7}b");
        assert_eq!(printable_lines("a\tb\r\nc\u{8}\n"), "a\tb\nc\\u{8}\n");
    }

    #[test]
    fn counts_are_words() {
        assert_eq!(count(1, "node"), "1 node");
        assert_eq!(count(0, "address"), "0 addresses");
    }
}
