//! CLOUD_FARM to live clouds: the table of engines, the pool, the question to many clouds at once.

mod cloud;
mod engines;
mod fan_out;
mod import;
mod pool;
mod resource;
mod watch;

pub use cloud::{Cloud, CloudStatus};
pub use engines::{engine, engine_named, engines};
pub use fan_out::{CloudAnswer, fan_out};
pub use import::{
    CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name, import_sources,
};
pub use pool::{DEFAULT_CLOUD, Farm, FarmHandle, Observers};
pub use resource::{Deletable, Listed, Resource, extension};
pub use watch::{NodeWatch, Waiting};
