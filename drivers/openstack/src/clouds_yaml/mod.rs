//! Reads `clouds.yaml`, `secure.yaml`, `clouds-public.yaml` and `OS_*` variables, as openstacksdk
//! does: what works with the `openstack` client means the same here.
//!
//! [`Places`] say where to look, [`CloudsYaml`] is what was found there, and [`Access`] is one of
//! its clouds in the words of this engine.

mod access;
mod auth;
mod cloud;
mod error;
mod expand;
mod files;
mod fixes;
mod names;
mod places;
mod syntax;
mod tree;

pub use access::Access;
pub use cloud::Settings;
pub use error::ReadError;
pub(crate) use expand::expand;
pub use files::CloudsYaml;
pub use places::{Places, Variables};
