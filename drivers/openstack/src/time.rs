//! Times as OpenStack writes them: with an offset, with `Z`, or with neither, which means UTC.

use cloudfarm_contract::Text;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads a time; what is none is no reason to refuse what it came with.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let naive = text.parse::<DateTime>().ok()?;
    Some(naive.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// As [`timestamp`], for a field that may be missing.
pub(crate) fn optional(text: Option<&Text>) -> Option<Timestamp> {
    text.and_then(|text| timestamp(text))
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn every_form_that_was_seen_is_read() {
        for (text, utc) in [
            ("2014-08-10T19:15:57.096078Z", "2014-08-10T19:15:57.096078Z"),
            ("2999-11-23T21:00:14.000-06:00", "2999-11-24T03:00:14Z"),
            ("2013-02-13T23:12:56.035Z", "2013-02-13T23:12:56.035Z"),
            ("2025-01-02T03:05:00.000000", "2025-01-02T03:05:00Z"),
            ("2025-01-02T03:05:00", "2025-01-02T03:05:00Z"),
        ] {
            assert_eq!(timestamp(text).unwrap().to_string(), utc, "{text}");
        }
        assert_eq!(timestamp("soon"), None);
    }
}
