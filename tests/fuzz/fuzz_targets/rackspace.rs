#![no_main]

use cloudfarm_fuzz::answer;
use cloudfarm_http::StatusCode;
use cloudfarm_openstack::fuzzing::Reply as Identity;
use cloudfarm_rackspace::fuzzing::Reply;
use libfuzzer_sys::fuzz_target;

// Whether an answer can be read does not matter, only that nothing panics.
fuzz_target!(|body: &[u8]| {
    let Some(response) = answer(StatusCode::OK, body) else {
        return;
    };
    let _ = Identity::TokenV2.read(&response);
    for reply in Reply::ALL {
        let _ = reply.read(&response);
    }
});
