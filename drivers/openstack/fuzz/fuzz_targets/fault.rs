#![no_main]

use cloudfarm_openstack::fuzzing::Reply;
use cloudfarm_openstack_fuzz::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: (u8, &[u8])| read(
    400 + u16::from(answer.0),
    answer.1,
    &[Reply::Refusal]
));
