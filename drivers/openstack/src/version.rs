//! Microversions, as `2.96`.

use std::fmt;
use std::str::FromStr;

use cloudfarm_contract::Error;

/// A version of an API that is asked for request by request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microversion {
    /// Before the dot.
    pub major: u16,
    /// Behind the dot; `2.9` is older than `2.10`.
    pub minor: u16,
}

impl Microversion {
    /// `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Microversion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once('.');
        parts
            .and_then(|(major, minor)| Some(Self::new(major.parse().ok()?, minor.parse().ok()?)))
            .ok_or_else(|| Error::invalid(format!("{text:?} is not a version such as 2.60")))
    }
}

#[cfg(test)]
mod tests {
    use super::Microversion;

    #[test]
    fn versions_are_ordered_as_numbers() {
        let version = |text: &str| text.parse::<Microversion>().unwrap();
        assert!(version("2.9") < version("2.10"));
        assert_eq!(version("2.96").to_string(), "2.96");
        for wrong in ["", "2", "2.x", "latest", "2.1.0"] {
            assert!(wrong.parse::<Microversion>().is_err(), "{wrong}");
        }
    }
}
