//! Where the mark of a job is kept on what it makes: in metadata. What Neutron makes has none, and
//! tags can only be set by a second call, which a crash may prevent: there it ends the description.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Mark, Metadata};

/// Takes the mark out of metadata.
pub(crate) fn take_mark(metadata: &mut Metadata) -> Option<Mark> {
    metadata.remove(Mark::KEY).map(Mark::new)
}

/// The metadata with the mark in it.
pub(crate) fn with_mark(metadata: &Metadata, mark: Option<&Mark>) -> Metadata {
    let mut metadata = metadata.clone();
    if let Some(mark) = mark {
        metadata.insert(Text::from_static(Mark::KEY), Text::from(mark.as_str()));
    }
    metadata
}
