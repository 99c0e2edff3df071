//! A length of time in the settings.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

const EXPECTED: &str = "a time such as \"10s\", \"500ms\", \"2m\" or a number of seconds";

/// A length of time, written as `"10s"`, `"500ms"`, `"1m 30s"`, or as a number of seconds. Zero is
/// refused, for a timeout of zero is mostly meant as "none", which there shall not be.
///
/// In a schema it is a string: `#[schema(value_type = String, default = "10s")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

impl Period {
    /// So many whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The length as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }

    fn from_seconds(seconds: f64) -> Option<Self> {
        let length = Duration::try_from_secs_f64(seconds).ok()?;
        (!length.is_zero()).then_some(Self(length))
    }
}

impl From<Duration> for Period {
    fn from(length: Duration) -> Self {
        Self(length)
    }
}

impl FromStr for Period {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        // The environment knows only strings, so a bare number may arrive as one.
        let period = match text.parse::<f64>() {
            Ok(seconds) => Self::from_seconds(seconds),
            Err(_) => text
                .parse::<SignedDuration>()
                .ok()
                .and_then(|length| Duration::try_from(length).ok())
                .filter(|length| !length.is_zero())
                .map(Self),
        };
        period.ok_or(EXPECTED)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PeriodVisitor)
    }
}

struct PeriodVisitor;

impl Visitor<'_> for PeriodVisitor {
    type Value = Period;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
        text.parse()
            .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Period, E> {
        if seconds == 0 {
            return Err(E::invalid_value(de::Unexpected::Unsigned(0), &self));
        }
        Ok(Period::from_secs(seconds))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Period, E> {
        u64::try_from(seconds)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(seconds), &self))
            .and_then(|seconds| self.visit_u64(seconds))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Period, E> {
        Period::from_seconds(seconds)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::Period;

    #[test]
    fn reads_words_and_numbers() {
        for (written, millis) in [
            (json!("10s"), 10_000),
            (json!("500ms"), 500),
            (json!("1m 30s"), 90_000),
            (json!("7"), 7_000),
            (json!(5), 5_000),
            (json!(0.25), 250),
        ] {
            let period: Period = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(
                period.duration(),
                Duration::from_millis(millis),
                "{written}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_time_and_says_what_is() {
        for written in [
            json!("soon"),
            json!(0),
            json!("0s"),
            json!(-1),
            json!("-3s"),
            json!(true),
        ] {
            let error = serde_json::from_value::<Period>(written.clone()).unwrap_err();
            assert!(error.to_string().contains("500ms"), "{written}: {error}");
        }
    }
}
