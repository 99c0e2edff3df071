//! What happens to every request.

mod request_id;
mod track;

pub(super) use track::Track;
