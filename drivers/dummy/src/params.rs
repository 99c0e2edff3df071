//! The `extra_params` of a dummy cloud.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use cloudfarm_contract::{CloudConfig, Error, Operation, Result};
use jiff::SignedDuration;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// The most nodes that a cloud can start with.
pub(crate) const NODES_MAX: u32 = 100_000;

/// The longest duration that a setting may ask for.
const LAPSE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How a dummy cloud behaves. Everything has a default.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// What ids, addresses and faults are drawn from: the same seed gives the same. By default it
    /// comes from the name of the cloud.
    pub seed: Option<u64>,
    /// How many nodes there are at the start. They cost no memory until they are changed.
    #[schema(maximum = 100_000)]
    pub nodes: u32,
    /// How long each call takes, as `20ms` or a number of seconds, like every duration here.
    #[schema(value_type = String)]
    pub latency: Lapse,
    /// By how much more a call may take; drawn evenly from nothing to this.
    #[schema(value_type = String)]
    pub latency_jitter: Lapse,
    /// How long every change of state takes, unless `times` says otherwise.
    #[schema(value_type = Option<String>)]
    pub transition: Option<Lapse>,
    /// How long the changes of state take.
    #[schema(inline)]
    pub times: Times,
    /// Whether a second create with the same mark gives the first resource. Switched off, the cloud
    /// behaves like those without client tokens: it makes another one.
    pub idempotent: bool,
    /// How much room there is; past it creates fail with `no_capacity`.
    #[schema(inline)]
    pub capacity: Capacity,
    /// How much the account may have; past it creates fail with `quota_exceeded`.
    #[schema(inline)]
    pub quota: QuotaLimits,
    /// A file that keeps the cloud, so that it outlives the process. Several processes may share
    /// it. Whoever opens it first decides `seed` and `nodes` of the cloud.
    #[schema(value_type = Option<String>)]
    pub state_file: Option<PathBuf>,
    /// What goes wrong, and how often.
    #[schema(inline)]
    pub faults: FaultPlan,
    /// Every call is refused as if nobody listened.
    pub unreachable: bool,
    /// No call is answered: each takes until its deadline.
    pub hang: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            seed: None,
            nodes: 0,
            latency: Lapse::ZERO,
            latency_jitter: Lapse::ZERO,
            transition: None,
            times: Times::default(),
            idempotent: true,
            capacity: Capacity::default(),
            quota: QuotaLimits::default(),
            state_file: None,
            faults: FaultPlan::default(),
            unreachable: false,
            hang: false,
        }
    }
}

impl Params {
    /// Reads and checks the settings of a cloud.
    pub(crate) fn read(config: &CloudConfig) -> Result<Self> {
        let params: Self = config.parameters()?;
        if params.nodes > NODES_MAX {
            return Err(Error::invalid(format!(
                "nodes is {}, at most {NODES_MAX} are possible",
                params.nodes
            ))
            .with_field("extra_params.nodes"));
        }
        params.faults.check()?;
        Ok(params)
    }
}

/// A duration in settings: `"2s"`, `"20ms"`, `"1m 30s"`, or a number of seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lapse(pub Duration);

impl Lapse {
    /// No time at all.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// Whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Reads a duration in words, as `20ms`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let duration: SignedDuration = text.parse().ok()?;
        Self::checked(Duration::try_from(duration).ok()?)
    }

    /// Reads a number of seconds.
    pub(crate) fn of_seconds(seconds: f64) -> Option<Self> {
        Self::checked(Duration::try_from_secs_f64(seconds).ok()?)
    }

    fn checked(duration: Duration) -> Option<Self> {
        (duration <= LAPSE_MAX).then_some(Self(duration))
    }
}

impl<'de> Deserialize<'de> for Lapse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        const EXPECTED: &str = "a duration of at most a day, as \"2s\", \"20ms\" or seconds";

        impl Visitor<'_> for Words {
            type Value = Lapse;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Lapse, E> {
                Lapse::parse(text).ok_or_else(|| E::custom(format!("expected {EXPECTED}")))
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Lapse, E> {
                Lapse::of_seconds(seconds).ok_or_else(|| E::custom(format!("expected {EXPECTED}")))
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Lapse, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Lapse, E> {
                self.visit_f64(seconds as f64)
            }
        }

        deserializer.deserialize_any(Words)
    }
}

/// The schema shows the defaults.
impl Serialize for Lapse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let duration = SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX);
        serializer.collect_str(&format_args!("{duration:#}"))
    }
}

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// How long the changes of state take. What is not given takes `transition`, and without
        /// that some seconds.
        #[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Times { $($(#[$doc])* #[schema(value_type = Option<String>)] pub $name: Option<Lapse>),* }

        /// The durations that hold.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct Durations { $(pub(crate) $name: Duration),* }

        impl Durations {
            pub(crate) fn of(params: &Params) -> Self {
                let or = |given: Option<Lapse>, default| {
                    given.or(params.transition).unwrap_or(Lapse::seconds(default)).0
                };
                Self { $($name: or(params.times.$name, $default)),* }
            }
        }
    };
}

times! {
    /// A node from `pending` to `running`.
    create = 3;
    /// A node from `starting` to `running`, also when it is resumed or unshelved.
    start = 2;
    /// A node from `stopping` to `stopped`, also when it is suspended or shelved.
    stop = 2;
    /// A node from `rebooting` to `running`, also into and out of rescue.
    reboot = 3;
    /// A node to `paused` and back.
    pause = 1;
    /// A node to `verify_resize`, and its confirmation or revert.
    resize = 4;
    /// A node through a rebuild, or back to a snapshot.
    rebuild = 4;
    /// A destroyed node until it vanishes.
    destroy = 1;
    /// A snapshot or an image.
    snapshot = 3;
    /// A volume that is made, extended or deleted.
    volume = 1;
    /// A volume to a node or off it.
    attach = 1;
}

macro_rules! limits {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $type { $($(#[$doc])* pub $name: Option<u64>,)* }
    };
}

limits! {
    /// How much room the cloud has. What is not given has no end.
    Capacity {
        /// Nodes that are not shelved.
        nodes,
        /// Virtual processors of these nodes.
        vcpus,
        /// Megabytes of memory of these nodes.
        ram_mb,
        /// Gigabytes of volumes.
        volume_gb,
    }
}

limits! {
    /// How much the account may have. What is not given has no end.
    QuotaLimits {
        /// Nodes.
        nodes,
        /// Virtual processors of all nodes.
        vcpus,
        /// Megabytes of memory of all nodes.
        ram_mb,
        /// Key pairs.
        key_pairs,
        /// Volumes.
        volumes,
        /// Gigabytes of all volumes.
        volume_gb,
        /// Snapshots of volumes.
        volume_snapshots,
        /// Snapshots of nodes.
        node_snapshots,
        /// Images of one's own.
        images,
        /// Networks of one's own.
        networks,
        /// Security groups.
        security_groups,
        /// Addresses.
        addresses,
    }
}

/// What goes wrong. Each number is the probability, from 0 to 1, that it happens to a call. It is
/// drawn from the seed and the number of the call in this process.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FaultPlan {
    /// The call is refused as one too many.
    pub rate_limit: f64,
    /// What a refused call is told about when to come back.
    #[schema(value_type = String)]
    pub retry_after: Lapse,
    /// The call fails with a status of 500 or 503 before anything is done.
    pub server_error: f64,
    /// The work is done, but the reply never arrives.
    pub lost_reply: f64,
    /// A page of a list ends early; its `next` leads to the rest.
    pub truncated_page: f64,
    /// The call is refused because the token expired; the next one has a new token.
    pub expired_token: f64,
    /// The node that the call is about vanishes; one that is just made does so halfway.
    pub vanish: f64,
    /// A node that is made ends in `error`.
    pub node_error: f64,
    /// The call is not answered until its deadline, and nothing is done.
    pub hang: f64,
    /// The operations that faults happen to, as `create_node`; all of them if empty.
    pub operations: Vec<String>,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self {
            rate_limit: 0.0,
            retry_after: Lapse::seconds(1),
            server_error: 0.0,
            lost_reply: 0.0,
            truncated_page: 0.0,
            expired_token: 0.0,
            vanish: 0.0,
            node_error: 0.0,
            hang: 0.0,
            operations: Vec::new(),
        }
    }
}

impl FaultPlan {
    fn probabilities(&self) -> [(&'static str, f64); 8] {
        [
            ("rate_limit", self.rate_limit),
            ("server_error", self.server_error),
            ("lost_reply", self.lost_reply),
            ("truncated_page", self.truncated_page),
            ("expired_token", self.expired_token),
            ("vanish", self.vanish),
            ("node_error", self.node_error),
            ("hang", self.hang),
        ]
    }

    /// Whether any fault is possible.
    pub(crate) fn is_quiet(&self) -> bool {
        self.probabilities().iter().all(|(_, value)| *value <= 0.0)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in self.probabilities() {
            if !(0.0..=1.0).contains(&value) {
                return Err(
                    Error::invalid(format!("{name} is a probability, from 0 to 1"))
                        .with_field(format!("extra_params.faults.{name}")),
                );
            }
        }
        for (index, name) in self.operations.iter().enumerate() {
            if operation(name).is_none() {
                return Err(Error::invalid(format!(
                    "{name:?} is not an operation, as create_node or list_volumes"
                ))
                .with_field(format!("extra_params.faults.operations.{index}")));
            }
        }
        Ok(())
    }
}

/// The operation of this name.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Operation::ALL
        .iter()
        .copied()
        .find(|operation| operation.as_str() == name)
}
