//! The parts of the contract that a driver may leave out.
//!
//! Each is a trait that a driver reaches through an accessor of [`crate::Driver`]. What a provider
//! does not have is `None` there, never a stub.

mod addresses;
mod console;
mod key_pairs;
mod networks;
mod node_changes;
mod node_images;
mod node_snapshots;
mod power;
mod provider_projects;
mod quotas;
mod routers;
mod security_groups;
mod volume_snapshots;
mod volumes;

pub use addresses::Addresses;
pub use console::{ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, RemoteConsole};
pub use key_pairs::KeyPairs;
pub use networks::Networks;
pub use node_changes::{
    MetadataChange, NodeMetadata, NodePassword, Rebuild, Resize, ResizeConfirmation,
};
pub use node_images::NodeImages;
pub use node_snapshots::NodeSnapshots;
pub use power::{Pause, Rescue, Shelve, Suspend};
pub use provider_projects::ProviderProjects;
pub use quotas::Quotas;
pub use routers::Routers;
pub use security_groups::SecurityGroups;
pub use volume_snapshots::VolumeSnapshots;
pub use volumes::Volumes;
