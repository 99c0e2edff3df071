//! The states of a node, and how they change over time.
//!
//! Nothing runs in the background: a record says what a resource is, until when, and what it is
//! then. Whoever looks works out the rest from the clock, so that any number of processes that
//! look at one record at one time see the same.

use std::time::Duration;

use cloudfarm_contract::model::NodeState;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What something is now, and what it becomes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Phase<S> {
    state: S,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// What comes after `until`; nothing means that the resource is gone then.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    then: Option<S>,
}

impl<S: Copy> Phase<S> {
    /// A state that lasts.
    pub(crate) const fn lasting(state: S) -> Self {
        Self {
            state,
            until: None,
            then: None,
        }
    }

    /// `state` for as long as `time`, and `then` from there on.
    pub(crate) fn moving(state: S, now: Timestamp, time: Duration, then: S) -> Self {
        Self {
            state,
            until: Some(after(now, time)),
            then: Some(then),
        }
    }

    /// `state` for as long as `time`, and gone from there on.
    pub(crate) fn vanishing(state: S, now: Timestamp, time: Duration) -> Self {
        Self {
            state,
            until: Some(after(now, time)),
            then: None,
        }
    }

    /// The state at `now`; `None` once it is gone.
    pub(crate) fn at(&self, now: Timestamp) -> Option<S> {
        if self.is_moving(now) || self.until.is_none() {
            Some(self.state)
        } else {
            self.then
        }
    }

    /// Whether it will change by itself.
    pub(crate) fn is_moving(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// When it is gone, if it is on its way.
    pub(crate) fn gone_at(&self) -> Option<Timestamp> {
        self.until.filter(|_| self.then.is_none())
    }

    /// Where it ends: the state after the last change that is known; `None` for gone.
    pub(crate) fn end(&self) -> Option<S> {
        match self.until {
            Some(_) => self.then,
            None => Some(self.state),
        }
    }
}

/// The moment `time` after `now`.
pub(crate) fn after(now: Timestamp, time: Duration) -> Timestamp {
    SignedDuration::try_from(time)
        .ok()
        .and_then(|time| now.checked_add(time).ok())
        .unwrap_or(Timestamp::MAX)
}

macro_rules! statuses {
    ($($variant:ident = $native:literal => $state:ident;)*) => {
        /// What this cloud calls the states of a node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub(crate) enum Status {
            $(#[serde(rename = $native)] $variant),*
        }

        impl Status {
            /// Every status, in the order of declaration.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in `native_state`.
            pub(crate) const fn native(self) -> &'static str {
                match self { $(Self::$variant => $native),* }
            }

            /// The neutral state.
            pub(crate) const fn state(self) -> NodeState {
                match self { $(Self::$variant => NodeState::$state),* }
            }
        }
    };
}

statuses! {
    Building = "building" => Pending;
    Active = "active" => Running;
    PoweringOff = "powering_off" => Stopping;
    Off = "off" => Stopped;
    PoweringOn = "powering_on" => Starting;
    Rebooting = "rebooting" => Rebooting;
    Resetting = "resetting" => Rebooting;
    Suspending = "suspending" => Stopping;
    Suspended = "suspended" => Suspended;
    Resuming = "resuming" => Starting;
    Pausing = "pausing" => Running;
    Paused = "paused" => Paused;
    Unpausing = "unpausing" => Paused;
    Shelving = "shelving" => Stopping;
    Shelved = "shelved" => Suspended;
    Unshelving = "unshelving" => Starting;
    Resizing = "resizing" => Reconfiguring;
    Resized = "resized" => VerifyResize;
    Confirming = "confirming" => VerifyResize;
    Reverting = "reverting" => Reconfiguring;
    Rebuilding = "rebuilding" => Reconfiguring;
    Restoring = "restoring" => Reconfiguring;
    EnteringRescue = "entering_rescue" => Rebooting;
    Rescue = "rescue" => Rescued;
    LeavingRescue = "leaving_rescue" => Rebooting;
    Deleting = "deleting" => Terminated;
    Failed = "failed" => Error;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Phase, Status, after};

    #[test]
    fn a_phase_follows_the_clock() {
        let start = Timestamp::UNIX_EPOCH;
        let two = Duration::from_secs(2);
        let phase = Phase::moving(Status::Building, start, two, Status::Active);
        assert_eq!(phase.at(start), Some(Status::Building));
        assert!(phase.is_moving(start));
        assert_eq!(phase.at(after(start, two)), Some(Status::Active));
        assert!(!phase.is_moving(after(start, two)));

        let phase = Phase::vanishing(Status::Deleting, start, Duration::ZERO);
        assert_eq!(phase.at(start), None);
    }
}
