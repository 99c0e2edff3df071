#![no_main]

use cloudfarm_openstack::fuzzing::Reply;
use cloudfarm_openstack_fuzz::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| read(200, body, &Reply::ALL));
