//! What the fuzz targets share.

use cloudfarm_http::header::HeaderMap;
use cloudfarm_http::{Response, StatusCode};

/// The body as an answer of this status; none for a body that is too long to be one.
pub fn answer(status: StatusCode, body: &[u8]) -> Option<Response> {
    Response::recorded(status, HeaderMap::new(), body.to_vec()).ok()
}
