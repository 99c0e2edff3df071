//! Typed settings, loaded from `settings/` and the environment.
//!
//! [`Loaded::load`] is the start, [`FarmSettings::load`] a reload. Both look where [`Sources`] say,
//! and both report all [`Problems`] at once.

mod command;
mod duration;
mod entry;
mod farm;
mod farm_load;
mod files;
mod fit;
mod jobs;
mod leases;
mod load;
mod notifiers;
mod overrides;
mod problems;
mod ranges;
mod reader;
mod secrets;
mod server;
mod shape;
mod show;
mod sources;
mod store;
mod tree;
mod typed;
mod worker;

pub use duration::Span;
pub use farm::{CloudEntry, CloudSettings, FarmSettings, LayerOverrides};
pub use farm_load::{FindEngine, LoadedFarm};
pub use files::{DEFAULT_FARM, DEFAULT_SETTINGS};
pub use jobs::{JobSettings, KindSettings};
pub use leases::LeaseSettings;
pub use load::Loaded;
pub use notifiers::{EventKind, NotifierKind, NotifierSettings};
pub use problems::{Problems, SettingProblem};
pub use server::{ApiSettings, LayerSettings, LogFormat, LogSettings, ServerSettings, Settings};
pub use show::{Shown, ShownValue};
pub use sources::{Environment, Sources};
pub use store::{Hidden, StoreSettings};
pub use worker::WorkerSettings;
