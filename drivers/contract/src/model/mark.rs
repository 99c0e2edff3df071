use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// The sign that a job leaves on what it makes, so that after a lost reply or a crash it can find
/// it again instead of making it twice. It is the id of the job, and it also tells apart what
/// cloudfarm made from what others made.
///
/// Drivers carry it as the provider allows: a client token, a metadata item, a tag. The metadata
/// key, where there is one, is [`Mark::KEY`]; it is not repeated in a resource's `metadata`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Mark(Text);

impl Mark {
    /// The name of the metadata item or tag that carries the mark.
    pub const KEY: &'static str = "cloudfarm.mark";

    /// A mark with this text.
    pub fn new(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
