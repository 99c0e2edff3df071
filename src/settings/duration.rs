//! Durations as people write them: `30s`, `1m 30s`, `250ms`.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in the settings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

impl Span {
    /// A span of so many milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A span of so many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// As the standard library's duration.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The text stays out of the message: whoever mixes up two settings may have put a secret here.
        let wrong = || "is not a duration: write it as 30s, 1m 30s or 250ms".to_owned();
        let signed = text.trim().parse::<SignedDuration>().map_err(|_| wrong())?;
        Duration::try_from(signed).map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX);
        write!(f, "{signed:#}")
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Span;

    #[test]
    fn spans_are_read_and_written_as_people_do() {
        for (text, millis, shown) in [
            ("30s", 30_000, "30s"),
            ("1m 30s", 90_000, "1m 30s"),
            ("250ms", 250, "250ms"),
        ] {
            let span = text.parse::<Span>().unwrap();
            assert_eq!(span.get(), Duration::from_millis(millis));
            assert_eq!(span.to_string(), shown);
        }
        assert!("-1s".parse::<Span>().is_err());
        assert!("soon".parse::<Span>().unwrap_err().contains("30s"));
    }
}
