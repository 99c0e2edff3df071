//! How jobs are carried out.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::Span;
use crate::jobs::{RUN_SCHEDULE, kinds};

/// How jobs are carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobSettings {
    /// Jobs that a process takes from the queue in one go.
    pub pick: u32,
    /// Jobs that a process carries out at the same time.
    pub at_once: u32,
    /// Jobs of one project at the same time, over all processes; 0 for no limit.
    pub project_at_once: u32,
    /// How long one try may take.
    pub timeout: Span,
    /// How often a job is tried.
    pub tries: u32,
    /// The pause after the first failed try; each further one is twice as long.
    pub retry_pause: Span,
    /// The longest pause between tries.
    pub retry_pause_max: Span,
    /// How long a process that is not heard of keeps its jobs.
    pub lease: Span,
    /// How long a cloud may take to show what a call made whose reply was lost.
    pub search_time: Span,
    /// How often a process looks for work that it was not told of.
    pub poll: Span,
    /// How long a stop waits for running jobs; then others go on with them.
    pub drain_timeout: Span,
    /// How long ended jobs are kept.
    pub kept_for: Span,
    /// What is other for single kinds of jobs, by their action.
    pub kinds: BTreeMap<String, KindSettings>,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self {
            pick: 10,
            at_once: 10,
            project_at_once: 0,
            timeout: Span::seconds(600),
            tries: 3,
            retry_pause: Span::seconds(2),
            retry_pause_max: Span::seconds(300),
            lease: Span::seconds(30),
            search_time: Span::seconds(10),
            poll: Span::seconds(1),
            drain_timeout: Span::seconds(10),
            kept_for: Span::seconds(30 * 24 * 3600),
            kinds: BTreeMap::new(),
        }
    }
}

/// What is other for one kind of jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KindSettings {
    /// How long one try may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// How often a job is tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
}

impl JobSettings {
    /// How long one try of a job of this action may take.
    pub fn timeout_of(&self, action: &str) -> Duration {
        let own = self.kinds.get(action).and_then(|kind| kind.timeout);
        own.unwrap_or(self.timeout).get()
    }

    /// How often a job of this action is tried.
    pub fn tries_of(&self, action: &str) -> u32 {
        let own = self.kinds.get(action).and_then(|kind| kind.tries);
        own.unwrap_or(self.tries)
    }

    /// Every action that settings can be given for, with what holds for it by `defaults`.
    pub(super) fn shape_of_kinds(defaults: &Json) -> Json {
        let kind = json!({ "timeout": defaults["timeout"], "tries": defaults["tries"] });
        let kinds: Map<String, Json> = actions()
            .map(|action| (action.to_owned(), kind.clone()))
            .collect();
        Json::Object(kinds)
    }
}

/// Every action that settings can be given for: what changes clouds, and what begins it at its time.
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    kinds::actions().chain([RUN_SCHEDULE])
}
