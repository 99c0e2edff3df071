//! Damaged answers: whatever a service, a proxy or a wire makes of an answer, what reads it gives a
//! value or an error. The same cases in every run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cloudfarm_openstack::fuzzing::Reply;
use cloudfarm_wire::damaged;
use fastrand::Rng;

use crate::recorded;

const CASES: usize = 20_000;
const SEED: u64 = 0x0C10_0DFA;

#[test]
fn no_damage_makes_a_reader_panic() {
    let answers = recorded::all();
    let mut rng = Rng::with_seed(SEED);
    let mut read = 0;
    for case in 0..CASES {
        let answer = &answers[case % answers.len()];
        let body = damaged(&answer.body, &mut rng);
        // Mostly what reads it in earnest, for only that gets far.
        let reply = match answer.reply() {
            Some(reply) if rng.u8(..) < 200 => reply,
            _ => Reply::ALL[rng.usize(..Reply::ALL.len())],
        };
        let response = answer.with_body(body.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| reply.read(&response)));
        let Ok(outcome) = outcome else {
            let body = String::from_utf8_lossy(&body);
            panic!("case {case}: {reply:?} panics over {}: {body}", answer.name);
        };
        read += usize::from(outcome.is_ok());
    }
    // Damage that nothing survives would test the JSON reader alone.
    assert!(
        (CASES / 10..CASES * 9 / 10).contains(&read),
        "{read} of {CASES} were read"
    );
}
