//! What a driver is: traits, types, capabilities, errors and the stack of layers.
//!
//! A driver crate knows this crate (and, if it speaks HTTP, `cloudfarm-http`) and nothing else.
//! [`Engine`] turns settings into a [`Driver`]; the traits in [`extensions`] are what a driver may
//! add to the core; [`layers`] wrap every driver alike with limits, retries and metrics; the crate
//! `cloudfarm-conformance` judges whether a driver does what is written here.
#![warn(missing_docs)]

mod capabilities;
mod clock;
mod context;
mod driver;
mod engine;
mod error;
pub mod extensions;
mod in_time;
pub mod layers;
pub mod model;
mod nearest;
mod operation;
mod page;
mod query;
mod secret;
mod text;
mod wait;

pub use async_trait::async_trait;
pub use capabilities::{Capabilities, Extension, Extensions};
pub use clock::{Clock, ManualClock, SystemClock};
pub use context::{Context, Priority};
pub use driver::{Driver, DriverInfo};
pub use engine::{CloudConfig, CredentialHelp, Engine, read_options, without_values};
pub use error::{Candidate, Error, ErrorKind, Result, Retry, SideEffect};
pub use in_time::in_time;
pub use nearest::nearest;
pub use operation::{Effect, Operation};
pub use page::{Marker, Page, PageRequest};
pub use query::{
    ImageQuery, ListQuery, MarkFilter, NodeQuery, escape_glob, exact_name, is_glob, name_matches,
};
pub use secret::Secret;
pub use text::Text;
pub use wait::{Judgement, Observation, WaitOutcome, WaitPolicy, Watch, wait_node, wait_until};
