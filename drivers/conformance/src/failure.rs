use std::fmt;

use cloudfarm_contract::{Error, ErrorKind};

/// Why a case failed, with all that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

/// The result of a case, and of each step in it.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(format!("{error:?}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Ends the case with a failure unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::failure::Failure::new(format!($($message)+)));
        }
    };
}
pub(crate) use ensure;

/// What an accessor gives; a case that needs an extension runs only where the capability says that
/// there is one.
pub(crate) fn have<T: ?Sized>(extension: Option<&T>) -> Outcome<&T> {
    extension.ok_or_else(|| {
        Failure::new("the accessor gives nothing although the capability says there is something")
    })
}

/// The error of a call that must fail with one of `kinds`.
pub(crate) fn refused<T>(
    what: &str,
    result: Result<T, Error>,
    kinds: &[ErrorKind],
) -> Outcome<Error> {
    let wanted = || {
        let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        names.join(" or ")
    };
    match result {
        Ok(_) => Err(Failure::new(format!(
            "{what} succeeds, it should fail with {}",
            wanted()
        ))),
        Err(error) if kinds.contains(&error.kind()) => Ok(error),
        Err(error) => Err(Failure::new(format!(
            "{what} should fail with {}: {error:?}",
            wanted()
        ))),
    }
}
