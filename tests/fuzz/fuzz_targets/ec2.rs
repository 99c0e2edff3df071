#![no_main]

use cloudfarm_eucalyptus::fuzzing::Reply;
use cloudfarm_fuzz::answer;
use cloudfarm_http::StatusCode;
use libfuzzer_sys::fuzz_target;

// Whether an answer can be read does not matter, only that nothing panics.
fuzz_target!(|body: &[u8]| {
    for reply in Reply::ALL {
        let status = match reply {
            Reply::Refusal => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        let _ = answer(status, body).map(|response| reply.read(&response));
    }
});
