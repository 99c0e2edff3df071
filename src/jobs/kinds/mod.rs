//! One file per kind of job, and what they are made of: [`Create`], [`Modify`], [`Delete`].

mod address;
mod ask;
mod create;
mod creations;
mod delete;
mod key_pair;
mod look;
mod modify;
mod node_call;
mod node_change;
mod node_change_payload;
mod node_create;
mod node_restore;
mod node_verdict;
mod payload;
mod registry;
mod router;
mod security_rule;
mod undo;
mod unowned;
mod volume;
mod wait;

pub use address::AddressChange;
pub use create::{Create, Creation, Found, Made};
pub use delete::Delete;
pub use modify::{Modification, Modify};
pub use node_change::{Change, NodeChange};
pub use node_restore::RestoreNodeSnapshot;
pub use registry::{Kinds, actions, restore};
pub use router::RouterChange;
pub use security_rule::{AddSecurityRule, RemoveSecurityRule, is_same};
pub use volume::VolumeChange;

/// How a secret is shown in a job's parameters.
const MASKED: &str = "[secret]";
