#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| cloudfarm_smartdatacenter::fuzzing::key(bytes));
