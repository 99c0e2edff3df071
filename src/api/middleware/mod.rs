//! What happens to every request.

mod idempotency;
mod request_id;
mod track;
mod when;

pub(super) use idempotency::{has_key, idempotent};
pub(super) use track::Track;
pub(super) use when::When;
