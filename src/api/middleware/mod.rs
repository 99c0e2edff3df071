//! What happens to every request.

mod compress;
mod idempotency;
mod request_id;
mod track;

pub(super) use compress::IfAsked;
pub(super) use idempotency::idempotent;
pub(super) use track::Track;
