//! Answers that are Rackspace's own, as they are documented and as wires damage them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use cloudfarm_http::header::HeaderMap;
use cloudfarm_http::{Response, StatusCode};
use cloudfarm_rackspace::fuzzing::Reply;
use cloudfarm_wire::damaged;
use fastrand::Rng;
use serde_json::{Value, json};

const CASES: usize = 4_000;
const SEED: u64 = 0x0C10_0DFA;

fn networks() -> Value {
    json!({"networks": [
        {"id": "00000000-0000-0000-0000-000000000000", "label": "public"},
        {"id": "11111111-1111-1111-1111-111111111111", "label": "private", "cidr": null},
        {"id": "f212726e-6321-4210-9bae-a13f5a33f83f", "label": "inner", "cidr": "192.168.0.0/24"},
        {"id": "3e6f1b3e-6321-4210-9bae-a13f5a33f83f", "label": "six", "cidr": "fd00::/64"},
    ]})
}

fn limits() -> Value {
    json!({"limits": {
        "rate": [{"uri": "*", "regex": ".*", "limit": [{"verb": "GET", "value": 2200,
            "remaining": 2199, "unit": "MINUTE", "next-available": "2014-03-15T04:44:59Z"}]}],
        "absolute": {"maxTotalInstances": 100, "totalInstancesUsed": 3, "maxTotalCores": -1,
            "totalCoresUsed": 5, "maxTotalRAMSize": 131_072, "totalRAMUsed": 3072,
            "maxTotalPrivateNetworks": 10, "totalPrivateNetworksUsed": 0,
            "maxServerMeta": 40, "maxPersonality": 5},
    }})
}

fn response(body: Vec<u8>) -> Response {
    Response::recorded(StatusCode::OK, HeaderMap::new(), body).unwrap()
}

fn read(reply: Reply, body: &Value) -> Value {
    reply
        .read(&response(body.to_string().into_bytes()))
        .unwrap()
}

#[test]
fn networks_have_a_subnet_where_they_have_a_range() {
    let read = read(Reply::Networks, &networks());
    let pairs = read.as_array().unwrap();
    let seen: Vec<_> = pairs
        .iter()
        .map(|pair| {
            let (network, subnet) = (&pair[0], &pair[1]);
            (
                network["name"].as_str().unwrap(),
                network["external"].as_bool().unwrap(),
                network["shared"].as_bool().unwrap(),
                subnet["version"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("public", true, true, None),
            ("private", false, true, None),
            ("inner", false, false, Some(4)),
            ("six", false, false, Some(6)),
        ]
    );
    assert_eq!(pairs[2][0]["subnets"], json!([pairs[2][0]["id"]]));
    assert_eq!(pairs[2][1]["cidr"], "192.168.0.0/24");
}

#[test]
fn limits_are_quotas_and_minus_one_is_none() {
    let read = read(Reply::Limits, &limits());
    let of = |name: &str| {
        let quotas = read.as_array().unwrap();
        let quota = quotas.iter().find(|quota| quota["name"] == name).unwrap();
        (quota["used"].as_u64(), quota["limit"].as_u64())
    };
    assert_eq!(of("nodes"), (Some(3), Some(100)));
    assert_eq!(of("vcpus"), (Some(5), None));
    assert_eq!(of("ram_mb"), (Some(3072), Some(131_072)));
    assert_eq!(of("networks"), (Some(0), Some(10)));
}

#[test]
fn no_damage_makes_a_reader_panic() {
    let answers = [(Reply::Networks, networks()), (Reply::Limits, limits())];
    let mut rng = Rng::with_seed(SEED);
    let mut read = 0;
    for case in 0..CASES {
        let (reply, body) = &answers[case % answers.len()];
        let body = damaged(body.to_string().as_bytes(), &mut rng);
        let answer = response(body.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| reply.read(&answer)));
        let Ok(outcome) = outcome else {
            let body = String::from_utf8_lossy(&body);
            panic!("case {case}: {reply:?} panics over {body}");
        };
        read += usize::from(outcome.is_ok());
    }
    assert!(
        (CASES / 10..CASES * 9 / 10).contains(&read),
        "{read} of {CASES} were read"
    );
}
