//! The CLOUD_FARM: which clouds there are.

use cloudfarm_contract::{Error, Secret, Text};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{LayerSettings, Span};

/// The key below which the clouds stand.
pub(super) const ROOT: &str = "cloud_farm";

/// The clouds by name. An entry that cannot be used stands here with the reason, so that the others
/// serve.
#[derive(Debug, Default)]
pub struct FarmSettings {
    /// In the order of their names.
    pub clouds: Vec<CloudEntry>,
}

/// One named entry.
#[derive(Debug)]
pub struct CloudEntry {
    /// The name.
    pub name: Text,
    /// The engine as it was written; empty if it is missing.
    pub engine: Text,
    /// The entry, or what is wrong with it.
    pub settings: Result<CloudSettings, Error>,
}

/// An entry whose keys are known and whose secrets are resolved.
pub struct CloudSettings {
    /// Who connects.
    pub user: Option<String>,
    /// With which secret.
    pub password: Option<Secret>,
    /// What only the engine knows; may hold secrets.
    pub extra_params: Map<String, Value>,
    /// The layers of this cloud.
    pub layers: LayerSettings,
}

impl std::fmt::Debug for CloudSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudSettings")
            .field("user", &self.user)
            .field("password", &self.password)
            .field(
                "extra_params",
                &self.extra_params.keys().collect::<Vec<_>>(),
            )
            .field("layers", &self.layers)
            .finish()
    }
}

/// What an entry says about its layers; the rest is taken from the server's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerOverrides {
    attempt_timeout: Option<Span>,
    attempts: Option<u32>,
    retry_pause: Option<Span>,
    retry_pause_max: Option<Span>,
    breaker_failures: Option<u32>,
    breaker_open: Option<Span>,
    rate_per_second: Option<f64>,
    rate_burst: Option<u32>,
    jobs_at_once: Option<u32>,
}

impl LayerOverrides {
    /// The settings of a cloud.
    pub fn over(&self, base: &LayerSettings) -> LayerSettings {
        LayerSettings {
            attempt_timeout: self.attempt_timeout.unwrap_or(base.attempt_timeout),
            attempts: self.attempts.unwrap_or(base.attempts),
            retry_pause: self.retry_pause.unwrap_or(base.retry_pause),
            retry_pause_max: self.retry_pause_max.unwrap_or(base.retry_pause_max),
            breaker_failures: self.breaker_failures.unwrap_or(base.breaker_failures),
            breaker_open: self.breaker_open.unwrap_or(base.breaker_open),
            rate_per_second: self.rate_per_second.unwrap_or(base.rate_per_second),
            rate_burst: self.rate_burst.unwrap_or(base.rate_burst),
            jobs_at_once: self.jobs_at_once.unwrap_or(base.jobs_at_once),
        }
    }
}
