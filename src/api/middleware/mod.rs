//! What happens to every request.

mod compress;
mod request_id;
mod track;

pub(super) use compress::IfAsked;
pub(super) use track::Track;
