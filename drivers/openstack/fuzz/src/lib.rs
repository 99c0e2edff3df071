//! What the fuzz targets share.

use cloudfarm_http::header::{HeaderMap, HeaderValue};
use cloudfarm_http::{Response, StatusCode};
use cloudfarm_openstack::fuzzing::Reply;

/// Takes `body` for an answer and reads it as each of `replies`. Whether it can be read does not
/// matter, only that nothing panics.
pub fn read(status: u16, body: &[u8], replies: &[Reply]) {
    let Ok(status) = StatusCode::from_u16(status) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-subject-token", HeaderValue::from_static("token"));
    let Ok(response) = Response::recorded(status, headers, body.to_vec()) else {
        return;
    };
    for reply in replies {
        let _ = reply.read(&response);
    }
}
