use std::sync::{Mutex, MutexGuard, PoisonError};

use cloudfarm_contract::Text;
use cloudfarm_contract::model::Mark;

/// What a case made, so that it can be removed however the case ends, and what it saw that may not
/// be.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    made: Mutex<Vec<Option<Made>>>,
    violations: Mutex<Vec<String>>,
}

/// Something that was made, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) kind: Kind,
    /// Not known while the call is on its way, nor after its reply was lost.
    pub(crate) id: Option<Text>,
    pub(crate) name: Text,
    pub(crate) mark: Option<Mark>,
}

/// In the order of removal: what stands later may hold what stands earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Address,
    NodeSnapshot,
    Node,
    Image,
    VolumeSnapshot,
    Volume,
    SecurityGroup,
    Router,
    Subnet,
    Network,
    KeyPair,
}

/// The place of an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(usize);

impl Journal {
    /// Notes what a call is about to make, before it is made: the case may be cut off meanwhile.
    pub(crate) fn intend(&self, made: Made) -> Place {
        let mut entries = lock(&self.made);
        entries.push(Some(made));
        Place(entries.len() - 1)
    }

    /// Notes the id of what was made.
    pub(crate) fn identify(&self, place: Place, id: Text) {
        if let Some(Some(made)) = lock(&self.made).get_mut(place.0) {
            made.id = Some(id);
        }
    }

    /// Nothing was made after all.
    pub(crate) fn strike(&self, place: Place) {
        if let Some(entry) = lock(&self.made).get_mut(place.0) {
            *entry = None;
        }
    }

    /// Hands a node over to somebody else, who removes it.
    pub(crate) fn release_node(&self, id: &str) {
        for entry in lock(&self.made).iter_mut() {
            if entry
                .as_ref()
                .is_some_and(|made| made.kind == Kind::Node && made.id.as_deref() == Some(id))
            {
                *entry = None;
            }
        }
    }

    /// What was made, in the order of removal: last first within a kind.
    pub(crate) fn take_made(&self) -> Vec<Made> {
        let entries = std::mem::take(&mut *lock(&self.made));
        let mut made: Vec<Made> = entries.into_iter().rev().flatten().collect();
        made.sort_by_key(|made| made.kind);
        made
    }

    pub(crate) fn violation(&self, what: String) {
        let mut violations = lock(&self.violations);
        if !violations.contains(&what) {
            violations.push(what);
        }
    }

    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.violations))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
