//! Exit codes that scripts can tell apart: one table for the program, its help and its docs.

use std::fmt::Write;

use cloudfarm_contract::ErrorKind;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Conflict = 4,
    Denied = 5,
    Partial = 6,
    Unavailable = 7,
    Exhausted = 8,
    Provider = 9,
    Unsupported = 10,
    Interrupted = 130,
}

impl Exit {
    const ALL: [Self; 12] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::Conflict,
        Self::Denied,
        Self::Partial,
        Self::Unavailable,
        Self::Exhausted,
        Self::Provider,
        Self::Unsupported,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed for a reason that has no number of its own",
            Self::Usage => "the command line, or what it asks for, is wrong",
            Self::NotFound => "no such thing",
            Self::Conflict => "busy, not in this state, ambiguous, or there already",
            Self::Denied => "no valid key, or not allowed",
            Self::Partial => "some of it succeeded, or some clouds did not answer",
            Self::Unavailable => "unreachable, out of time, or too many requests: try again later",
            Self::Exhausted => "over quota, or the cloud has no room",
            Self::Provider => "the cloud failed, or refused the farm's credentials",
            Self::Unsupported => "this cloud cannot do it",
            Self::Interrupted => "interrupted from the keyboard",
        }
    }

    /// How the program ends after an error of this kind.
    pub(crate) const fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Invalid => Self::Usage,
            ErrorKind::Unauthenticated | ErrorKind::Forbidden => Self::Denied,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::QuotaExceeded | ErrorKind::NoCapacity => Self::Exhausted,
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout => {
                Self::Unavailable
            }
            ErrorKind::ProviderAuth | ErrorKind::ProviderError => Self::Provider,
            ErrorKind::Partial => Self::Partial,
            _ => Self::Failed,
        }
    }
}

/// The table as it stands at the end of `--help`.
pub(crate) fn help() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {:>3}  {}", exit.code(), exit.meaning());
    }
    text
}

/// The table as it stands in the docs.
pub(super) fn markdown() -> String {
    let mut text = String::from("| code | meaning |\n|---:|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Exit, help};

    #[test]
    fn every_code_is_told_apart_and_explained() {
        let mut codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        codes.dedup();
        assert_eq!(codes.len(), Exit::ALL.len());
        assert!(help().contains("    3  no such thing"));
    }
}
