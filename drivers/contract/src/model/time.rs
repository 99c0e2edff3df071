//! Timestamps on the wire, put together without the machinery of formatting: every node of a list
//! has two of them.

use std::cell::RefCell;

use jiff::Timestamp;
use serde::Serializer;

const SECONDS_PER_DAY: i64 = 86_400;
/// 0000-01-01 and 10000-01-01 in days of Unix time; years within have four digits and no sign.
const FOUR_DIGITS: std::ops::Range<i64> = -719_528..2_932_897;

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
}

/// What a timestamp displays as, in ASCII: `2026-01-01T00:00:00Z`, with what there is of a fraction
/// of a second before the `Z`.
#[derive(Debug, Clone, Copy)]
pub struct TimeText {
    bytes: [u8; Self::ROOM],
    length: usize,
}

impl TimeText {
    /// Room for `2026-01-01T00:00:00.000000000Z`.
    pub const ROOM: usize = 32;

    /// The text of `at`; nothing for years that are not of four digits.
    fn new(at: Timestamp) -> Option<Self> {
        let mut bytes = [0; Self::ROOM];
        let length = Self::write(at, &mut bytes)?;
        Some(Self { bytes, length })
    }

    /// Writes the text of `at` to where it is wanted; gives its length, and nothing for years that
    /// are not of four digits.
    pub fn write(at: Timestamp, into: &mut [u8; Self::ROOM]) -> Option<usize> {
        let (mut second, mut nanosecond) = (at.as_second(), at.subsec_nanosecond());
        if nanosecond < 0 {
            second -= 1;
            nanosecond += 1_000_000_000;
        }
        let days = second.div_euclid(SECONDS_PER_DAY);
        if !FOUR_DIGITS.contains(&days) {
            return None;
        }
        let second = u32::try_from(second.rem_euclid(SECONDS_PER_DAY)).ok()?;
        let (year, month, day) = civil(u32::try_from(days - FOUR_DIGITS.start).ok()?);
        *into = *b"0000-00-00T00:00:00Z............";
        let mut put = |at: usize, number: u32| {
            into[at..at + 2].copy_from_slice(&PAIRS[number as usize % 100]);
        };
        put(0, year / 100);
        put(2, year);
        put(5, month);
        put(8, day);
        put(11, second / 3600);
        put(14, second / 60 % 60);
        put(17, second % 60);
        Some(match nanosecond {
            0 => 20,
            _ => write_fraction(nanosecond.unsigned_abs(), into, 19),
        })
    }

    fn as_str(&self) -> &str {
        let text = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

thread_local! {
    static LAST: RefCell<(Timestamp, String)> = const { RefCell::new((Timestamp::MIN, String::new())) };
}

/// Writes the text that the timestamp displays as. The last one is kept: all of a page were looked
/// at in the same moment.
pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    LAST.with_borrow_mut(|(last, text)| {
        if last != at || text.is_empty() {
            *last = *at;
            text.clear();
            match TimeText::new(*at) {
                Some(new) => text.push_str(new.as_str()),
                None => *text = at.to_string(),
            }
        }
    });
    LAST.with_borrow(|(_, text)| serializer.serialize_str(text))
}

/// Writes the same where there may be none, and where each has its own.
pub(super) fn serialize_option<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(at) = at else {
        return serializer.serialize_none();
    };
    match TimeText::new(*at) {
        Some(text) => serializer.serialize_str(text.as_str()),
        None => serializer.collect_str(at),
    }
}

/// Writes the fraction of a second from `start` on, without zeros at its end; gives its end.
fn write_fraction(mut nanosecond: u32, text: &mut [u8; TimeText::ROOM], start: usize) -> usize {
    let mut digits = 9;
    while nanosecond.is_multiple_of(10) {
        nanosecond /= 10;
        digits -= 1;
    }
    text[start] = b'.';
    for place in text[start + 1..=start + digits].iter_mut().rev() {
        *place = b'0' + (nanosecond % 10) as u8;
        nanosecond /= 10;
    }
    text[start + digits + 1] = b'Z';
    start + digits + 2
}

/// Year, month and day so many days after 0000-01-01, by counting from 0000-03-01: then the leap
/// day is the last of a year.
const fn civil(days: u32) -> (u32, u32, u32) {
    const YEARS_400: u32 = 146_097;
    // One round of the calendar earlier, so that January and February of the year 0 have a year
    // to belong to.
    let days = days + YEARS_400 - 60;
    let (rounds, days) = (days / YEARS_400, days % YEARS_400);
    let year = (days - days / 1460 + days / 36_524 - days / 146_096) / 365;
    let days = days - (365 * year + year / 4 - year / 100);
    let shifted = (5 * days + 2) / 153;
    let day = days - (153 * shifted + 2) / 5 + 1;
    let (month, carry) = if shifted < 10 {
        (shifted + 3, 0)
    } else {
        (shifted - 9, 1)
    };
    (year + rounds * 400 + carry - 400, month, day)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::TimeText;

    fn same(second: i64, nanosecond: i32) {
        let at = Timestamp::new(second, nanosecond).unwrap();
        if let Some(text) = TimeText::new(at) {
            assert_eq!(text.as_str(), at.to_string());
        } else {
            assert!(
                !(-62_167_219_200..253_402_300_800).contains(&second),
                "{at}"
            );
        }
    }

    #[test]
    fn every_day_is_as_jiff_displays_it() {
        for day in -719_530_i64..2_932_890 {
            same(day * 86_400 + (day * 7919).rem_euclid(86_400), 0);
        }
    }

    #[test]
    fn fractions_end_where_they_end() {
        for nanosecond in [1, 10, 500, 120_000_000, 123_456_789, 999_999_999] {
            same(-7, -nanosecond);
            same(1_767_225_600, nanosecond);
        }
        same(0, 0);
        same(-62_167_219_200, 0);
        same(Timestamp::MIN.as_second(), 0);
        same(Timestamp::MAX.as_second(), 999_999_999);
    }
}
