//! What all handlers share.

use std::sync::Arc;

use super::action_bodies::read_scheduled;
use crate::api::Metrics;
use crate::jobs::Kinds;
use crate::orchestrator::{self, Orchestrator};
use crate::settings::Settings;

/// One per process, shared by all threads.
#[derive(Debug, Clone)]
pub struct AppState {
    settings: Arc<Settings>,
    orchestrator: Arc<Orchestrator>,
    metrics: Arc<Metrics>,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(
        settings: Arc<Settings>,
        orchestrator: Arc<Orchestrator>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            settings,
            orchestrator,
            metrics,
        }
    }

    /// The settings of the server.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The use cases.
    pub fn orchestrator(&self) -> &Orchestrator {
        &self.orchestrator
    }

    /// The kinds of jobs, as the workers of this process know them.
    pub fn kinds(&self) -> Kinds {
        orchestrator::kinds(Arc::clone(&self.orchestrator), read_scheduled)
    }

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }
}
