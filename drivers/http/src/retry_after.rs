//! `Retry-After`: seconds or a date.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest wait that is believed. A provider that asks for more most likely means something
/// else, and callers would rather be told than hang.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// How long the provider asks to wait, at most [`LONGEST_RETRY_AFTER`]; `None` if it does not say
/// or nobody can read what it says.
///
/// A date is compared with the provider's own `Date` where there is one, for its clock need not be
/// ours.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return wait_of_seconds(seconds);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = SystemTime::from(answered_at(headers, now));
    let wait = until.duration_since(now).unwrap_or_default();
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// When the provider answered by its own clock; `now` where it does not tell.
pub(crate) fn answered_at(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    headers
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(|date| Timestamp::try_from(date).ok())
        .unwrap_or(now)
}

/// A wait that a provider names in a body: seconds, or the moment until which to wait.
pub(crate) fn wait_of_text(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return wait_of_seconds(seconds);
    }
    let until = text.parse::<Timestamp>().ok()?;
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// A wait that a provider names in seconds, in a header or in a body.
pub(crate) fn wait_of_seconds(seconds: f64) -> Option<Duration> {
    if seconds.is_nan() || seconds < 0.0 {
        return None;
    }
    Some(
        Duration::try_from_secs_f64(seconds)
            .map_or(LONGEST_RETRY_AFTER, |wait| wait.min(LONGEST_RETRY_AFTER)),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

    use super::{LONGEST_RETRY_AFTER, retry_after};

    fn parsed(value: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        let now: Timestamp = "2015-10-21T07:28:00Z".parse().unwrap();
        retry_after(&headers, now)
    }

    #[test]
    fn reads_seconds_and_dates() {
        let seconds = Duration::from_secs;
        assert_eq!(parsed("12", None), Some(seconds(12)));
        assert_eq!(parsed(" 1.5 ", None), Some(Duration::from_millis(1500)));
        assert_eq!(
            parsed("Wed, 21 Oct 2015 07:28:30 GMT", None),
            Some(seconds(30))
        );
        let theirs = "Wed, 21 Oct 2015 09:00:00 GMT";
        assert_eq!(
            parsed("Wed, 21 Oct 2015 09:00:05 GMT", Some(theirs)),
            Some(seconds(5))
        );
        assert_eq!(
            parsed("Wed, 21 Oct 2015 07:00:00 GMT", None),
            Some(seconds(0))
        );
    }

    #[test]
    fn believes_no_nonsense() {
        for text in ["soon", "-5", "nan", ""] {
            assert_eq!(parsed(text, None), None, "{text}");
        }
        for text in ["99999999", "1e300", "inf", "Wed, 21 Oct 2099 07:28:00 GMT"] {
            assert_eq!(parsed(text, None), Some(LONGEST_RETRY_AFTER), "{text}");
        }
    }
}
