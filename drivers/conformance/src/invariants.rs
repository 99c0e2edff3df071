//! What must hold of everything that a driver gives, whatever was asked.

/// Adds a problem unless the condition holds.
macro_rules! hold {
    ($found:ident, $condition:expr, $($problem:tt)+) => {
        if !$condition {
            $found.push(format!($($problem)+));
        }
    };
}

mod networks;
mod nodes;
mod storage;

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{
    KeyPair, KeyPairCreated, Location, Mark, Metadata, ProviderProject, Quota, Size,
};
use cloudfarm_contract::{Capabilities, Clock, Error, Page, Text};

/// What the answers of one cloud are held against.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) cloud: Text,
    pub(crate) capabilities: Capabilities,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tolerance: Duration,
}

/// An answer that can be held against the rules.
pub(crate) trait Answer {
    /// Says what is wrong.
    fn problems(&self, rules: &Rules, found: &mut Vec<String>);
}

/// What everything with an identity has in common.
fn identity(what: &str, cloud: &Text, id: &Text, rules: &Rules, found: &mut Vec<String>) {
    hold!(found, !id.is_empty(), "{what} has an empty id");
    hold!(
        found,
        *cloud == rules.cloud,
        "{what} {id} says it is on cloud {cloud:?}, info() says {:?}",
        rules.cloud
    );
}

fn no_mark(what: &str, metadata: &Metadata, found: &mut Vec<String>) {
    hold!(
        found,
        !metadata.contains_key(Mark::KEY),
        "{what} repeats its mark in its metadata"
    );
}

fn native(what: &str, native_state: &Text, found: &mut Vec<String>) {
    hold!(
        found,
        !native_state.is_empty(),
        "{what} has no native_state"
    );
}

impl Answer for Size {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("size", &self.cloud, &self.id, rules, found);
    }
}

impl Answer for Location {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("location", &self.cloud, &self.id, rules, found);
    }
}

impl Answer for KeyPair {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("key pair", &self.cloud, &self.name, rules, found);
        if let Some(key) = &self.public_key {
            hold!(
                found,
                key.split_whitespace().count() >= 2 && !key.contains("PRIVATE"),
                "key pair {} shows a public key that is not in OpenSSH's form",
                self.name
            );
        }
    }
}

impl Answer for KeyPairCreated {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.key_pair.problems(rules, found);
    }
}

impl Answer for Quota {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("quota", &self.cloud, &self.name, rules, found);
    }
}

impl Answer for ProviderProject {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("project", &self.cloud, &self.id, rules, found);
        hold!(
            found,
            !self.name.is_empty(),
            "project {} has no name",
            self.id
        );
    }
}

impl Answer for () {
    fn problems(&self, _: &Rules, _: &mut Vec<String>) {}
}

impl<T: Answer> Answer for Vec<T> {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        for item in self {
            item.problems(rules, found);
        }
    }
}

impl<T: Answer> Answer for Page<T> {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.items.problems(rules, found);
        if let Some(next) = &self.next {
            hold!(
                found,
                !next.as_str().is_empty(),
                "a page ends in an empty marker"
            );
        }
    }
}

impl Answer for Error {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        let message = self.message();
        hold!(
            found,
            !message.is_empty(),
            "an error has no message: {self:?}"
        );
        hold!(
            found,
            !message.ends_with('.') && !message.contains('\n'),
            "the message of an error is one line without a full stop: {message:?}"
        );
        if let Some(cloud) = self.cloud() {
            hold!(
                found,
                *cloud == rules.cloud,
                "an error says it is of cloud {cloud:?}, info() says {:?}",
                rules.cloud
            );
        }
    }
}
