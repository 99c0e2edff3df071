//! The lease that a node is asked for with.

use std::time::Duration;

use cloudfarm_contract::{Error, Result, Text, async_trait};
use jiff::Timestamp;
use serde_json::Value;

use crate::jobs::{Outcome, ResourceRef, Run, Work};

/// The lease that a node is asked for with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseTerms {
    /// Until when it may be there.
    pub expires_at: Option<Timestamp>,
    /// Whether it may not be destroyed.
    pub protected: bool,
}

impl LeaseTerms {
    /// Whether they say nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Refuses an end that is not in the future, or later than `longest` from `now`, which is in
/// milliseconds since 1970.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub fn check_end(field: &'static str, end: Timestamp, now: i64, longest: Duration) -> Result<()> {
    let ahead = end.as_millisecond().saturating_sub(now);
    let longest_ms = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    let wrong = if ahead <= 0 {
        format!("{field} is {end}, which is not in the future")
    } else if ahead > longest_ms {
        let hours = longest.as_secs() / 3600;
        format!("{field} is {end}, which is more than {hours} h from now")
    } else {
        return Ok(());
    };
    let now = Timestamp::from_millisecond(now).unwrap_or_default();
    Err(Error::invalid(wrong)
        .with_field(field)
        .with_hint(format!("it is {now} now")))
}

/// Work that makes a node with a lease. Its parameters say so, and the store begins the lease in
/// the step in which it learns of the node; the work itself is the same.
#[derive(Debug)]
pub struct Leased<W> {
    /// What makes the node.
    pub work: W,
    /// The lease.
    pub terms: LeaseTerms,
}

#[async_trait]
impl<W: Work> Work for Leased<W> {
    fn action(&self) -> &'static str {
        self.work.action()
    }

    fn cloud(&self) -> &Text {
        self.work.cloud()
    }

    fn resource(&self) -> ResourceRef {
        self.work.resource()
    }

    fn params(&self) -> Value {
        let mut params = self.work.params();
        if let Value::Object(params) = &mut params {
            let LeaseTerms {
                expires_at,
                protected,
            } = &self.terms;
            let end = expires_at.map(|end| end.to_string());
            params.insert("expires_at".to_owned(), end.into());
            params.insert("protected".to_owned(), (*protected).into());
        }
        params
    }

    fn payload(&self) -> Result<Value> {
        self.work.payload()
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        self.work.run(run).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::check_end;

    #[test]
    fn an_end_is_in_the_future_and_not_absurdly_far() {
        let now = 1_800_000_000_000;
        let check = |seconds: i64| {
            let end = Timestamp::from_millisecond(now + seconds * 1000).unwrap();
            check_end("expires_at", end, now, Duration::from_secs(3600))
        };
        assert!(check(1).is_ok());
        assert!(check(3600).is_ok());
        for (seconds, says) in [(0, "not in the future"), (-1, "not in"), (3601, "than 1 h")] {
            let error = check(seconds).unwrap_err();
            assert!(error.message().contains(says), "{error}");
            assert_eq!(error.field().map(|it| it.as_str()), Some("expires_at"));
        }
    }
}
