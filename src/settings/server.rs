//! How the server itself behaves.

use std::net::{Ipv4Addr, SocketAddr};

use cloudfarm_contract::layers;
use serde::{Deserialize, Serialize};

use super::{JobSettings, LeaseSettings, NotifierSettings, Span, StoreSettings, WorkerSettings};

/// Everything but the farm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where and how to listen.
    pub server: ServerSettings,
    /// How a process behaves that only carries out jobs.
    pub worker: WorkerSettings,
    /// What requests may cost.
    pub api: ApiSettings,
    /// Where jobs are kept.
    pub store: StoreSettings,
    /// How jobs are carried out.
    pub jobs: JobSettings,
    /// How leases of nodes end.
    pub leases: LeaseSettings,
    /// Whom ends of jobs and of leases are told to.
    #[serde(skip)]
    pub notifiers: Vec<NotifierSettings>,
    /// What is logged, and how.
    pub log: LogSettings,
    /// How the layers around each cloud behave, unless its entry says otherwise.
    pub layers: LayerSettings,
}

/// Where and how to listen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that answer requests; 0 for one per core.
    pub workers: usize,
    /// How long a stop waits for requests that are being answered.
    pub drain_timeout: Span,
    /// How long an idle connection is kept.
    pub keep_alive: Span,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 0,
            drain_timeout: Span::seconds(10),
            keep_alive: Span::seconds(75),
        }
    }
}

/// What requests may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSettings {
    /// Bytes in a request's body.
    pub body_limit: usize,
    /// How long a request may take.
    pub request_timeout: Span,
    /// How long one cloud may take in a question to many.
    pub fan_out_timeout: Span,
    /// Clouds that are asked at the same time.
    pub fan_out_concurrency: usize,
    /// Items on a page where the request does not say.
    pub page_limit: u32,
    /// Items on a page at most.
    pub page_limit_max: u32,
    /// How long `Prefer: wait` may hold an answer.
    pub wait_max: Span,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            body_limit: 1024 * 1024,
            request_timeout: Span::seconds(60),
            fan_out_timeout: Span::seconds(5),
            fan_out_concurrency: 64,
            page_limit: 100,
            page_limit_max: 1000,
            wait_max: Span::seconds(600),
        }
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// Filters as env_logger takes them, as `info,cloudfarm=debug`. `RUST_LOG` goes before it.
    pub level: String,
    /// Whether each request gets a line.
    pub access: bool,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".to_owned(),
            access: true,
        }
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How the layers around a cloud behave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerSettings {
    /// How long one attempt of a call may take.
    pub attempt_timeout: Span,
    /// Attempts of what is safe to repeat, the first included.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long.
    pub retry_pause: Span,
    /// The longest pause between attempts, unless the provider asks for a longer one.
    pub retry_pause_max: Span,
    /// Calls that must fail in a row to open the circuit breaker; 0 switches it off.
    pub breaker_failures: u32,
    /// How long the circuit breaker stays open.
    pub breaker_open: Span,
    /// Calls per second; 0 for no limit.
    pub rate_per_second: f64,
    /// Calls at once after a rest.
    pub rate_burst: u32,
    /// Jobs at the same time, over all processes; 0 for no limit.
    pub jobs_at_once: u32,
}

impl Default for LayerSettings {
    fn default() -> Self {
        Self {
            attempt_timeout: Span::seconds(30),
            attempts: 3,
            retry_pause: Span::millis(200),
            retry_pause_max: Span::seconds(5),
            breaker_failures: 5,
            breaker_open: Span::seconds(15),
            rate_per_second: 0.0,
            rate_burst: 10,
            jobs_at_once: 0,
        }
    }
}

impl LayerSettings {
    /// As the stack of layers takes them.
    pub fn for_stack(&self) -> layers::LayerSettings {
        layers::LayerSettings {
            breaker: layers::BreakerSettings {
                failures: self.breaker_failures,
                open_for: self.breaker_open.get(),
            },
            retry: layers::RetrySettings {
                attempts: self.attempts.max(1),
                first_pause: self.retry_pause.get(),
                longest_pause: self.retry_pause_max.get(),
            },
            attempt_timeout: self.attempt_timeout.get(),
        }
    }

    /// As the rate limit takes them.
    pub fn for_rate_limit(&self) -> layers::RateLimitSettings {
        layers::RateLimitSettings {
            per_second: self.rate_per_second,
            burst: self.rate_burst,
        }
    }
}
