//! Volumes.

use cloudfarm_contract::Text;

/// The kind of storage of volumes that name none.
pub(crate) const DEFAULT_KIND: Text = Text::from_static("standard");
