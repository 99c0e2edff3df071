#![no_main]

use cloudfarm_fuzz::answer;
use cloudfarm_http::StatusCode;
use cloudfarm_smartdatacenter::fuzzing::{self, Reply};
use libfuzzer_sys::fuzz_target;

// Whether an answer can be read does not matter, only that nothing panics.
fuzz_target!(|body: &[u8]| {
    for reply in Reply::ALL {
        let status = match reply {
            Reply::Refusal => StatusCode::CONFLICT,
            _ => StatusCode::OK,
        };
        let _ = answer(status, body).map(|response| reply.read(&response));
    }
    fuzzing::rule(&String::from_utf8_lossy(body));
});
