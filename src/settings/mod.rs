//! Typed settings, loaded from `settings/` and the environment.

mod duration;
mod farm;
mod server;

pub use duration::Span;
pub use farm::{CloudEntry, CloudSettings, FarmSettings, LayerOverrides};
pub use server::{ApiSettings, LayerSettings, LogFormat, LogSettings, ServerSettings, Settings};
