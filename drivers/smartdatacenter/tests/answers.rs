//! Damaged answers and damaged keys: whatever a server, a proxy or a wire makes of them, what reads
//! them gives a value or an error. The same cases in every run.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use cloudfarm_http::{Response, StatusCode, header::HeaderMap};
use cloudfarm_smartdatacenter::fuzzing::{self, Reply};
use fastrand::Rng;
use serde_json::{Value, json};

const CASES: usize = 20_000;
const SEED: u64 = 0x0C10_0DFA;

/// Answers as the documentation of CloudAPI shows them.
fn answers() -> Vec<(Reply, Value)> {
    let machine = json!({
        "id": "b6979942-7d5d-4fe6-a2ec-b812e950625a", "name": "test", "type": "smartmachine",
        "brand": "joyent", "state": "running", "image": "2b683a82-a066-11e3-97ab-2faa44701c5a",
        "ips": ["10.88.88.26", "192.168.128.5", "dhcp"], "memory": 128, "disk": 12288,
        "metadata": {"root_authorized_keys": "ssh-rsa AAAA", "role": "x"}, "tags": {"a": "b", "n": 1, "t": true},
        "created": "2016-01-04T12:55:50.539Z", "updated": "2016-01-21T08:56:59.000Z",
        "networks": ["a9c130da-e3ba-40e9-8b18-112aba2d3ba7"],
        "nics": [{"ip": "10.88.88.26", "mac": "90:b8:d0:2f:b8:f9", "primary": true,
                  "netmask": "255.255.255.0", "gateway": null, "state": "running",
                  "network": "a9c130da-e3ba-40e9-8b18-112aba2d3ba7"}],
        "primaryIp": "10.88.88.26", "firewall_enabled": false, "deletion_protection": false,
        "compute_node": "564d0b8e-6099-7648-351e-877faf6c56f6", "package": "sdc_128"
    });
    let anchor = r#"FROM tag "cloudfarm.group.web" = "true" TO tag "cloudfarm.group.web" = "true" ALLOW tcp PORT 1"#;
    let rule =
        r#"FROM subnet 10.0.0.0/8 TO tag "cloudfarm.group.web" = "true" ALLOW tcp PORTS 80-90"#;
    vec![
        (Reply::Machine, machine.clone()),
        (Reply::Machines, json!([machine])),
        (
            Reply::Refusal,
            json!({"code": "InvalidArgument", "message": "no", "errors": [{"field": "name", "code": "Invalid", "message": "odd"}]}),
        ),
        (
            Reply::History,
            json!([{"success": "yes", "time": "2014-01-27T15:38:55.000Z", "action": "reboot", "caller": {"type": "signature"}}]),
        ),
        (
            Reply::Snapshots,
            json!([{"name": "just-booted", "state": "created", "created": "2011-07-05T17:19:26+00:00"}]),
        ),
        (
            Reply::Packages,
            json!([{"id": "7b17343c-94af-6266-e0e8-893a3b9993d0", "name": "sdc_128", "memory": 128, "disk": 12288, "swap": 256, "vcpus": 1, "lwps": 1000, "version": "1.0.0"}]),
        ),
        (
            Reply::Images,
            json!([{"id": "2b683a82-a066-11e3-97ab-2faa44701c5a", "name": "base", "version": "13.4.0", "os": "smartos", "requirements": {"min_memory": 64}, "type": "zone-dataset", "files": [{"compression": "gzip", "sha1": "3bebb6ae2cdb26eef20cfb30fdc4a00a059a0b7b", "size": 110742036}], "published_at": "2014-02-28T10:50:42Z", "owner": "930896af-bf8c-48d4-885c-6573a94b1853", "public": true, "state": "active", "image_size": 10240, "tags": {"k": "v"}}]),
        ),
        (
            Reply::Keys,
            json!([{"name": "rsa", "fingerprint": "59:a4", "key": "ssh-rsa AAAAB3NzaC1yc2EAAAAB me"}]),
        ),
        (
            Reply::Networks,
            json!([{"id": "daeb93a2-532e-4bd4-8788-b6b30f10ac17", "name": "external", "public": true}]),
        ),
        (
            Reply::Subnets,
            json!([{"id": "7fa999c8-0d2c-453e-989c-e897716d0831", "name": "newnet", "public": false, "fabric": true, "description": "x [cloudfarm.mark=y]", "subnet": "10.50.1.0/24", "gateway": "10.50.1.1", "internet_nat": true, "vlan_id": 2}]),
        ),
        (
            Reply::Rules,
            json!([{"id": "a", "rule": anchor, "enabled": false}, {"id": "b", "rule": rule, "enabled": true}]),
        ),
        (
            Reply::Datacenters,
            json!({"us-west-1": "https://us-west-1.api.example"}),
        ),
        (
            Reply::Limits,
            json!([{"by": "ram", "value": 1024, "used": 3}, {"by": "machines", "value": 3, "check": "os", "os": "linux"}]),
        ),
    ]
}

fn response(body: Vec<u8>) -> Response {
    Response::recorded(StatusCode::OK, HeaderMap::new(), body).unwrap()
}

#[test]
fn answers_as_documented_are_read() {
    for (reply, body) in answers() {
        let read = reply.read(&response(body.to_string().into_bytes()));
        let shown = read.unwrap_or_else(|error| panic!("{reply:?}: {error:?}"));
        assert!(shown.len() > 4, "{reply:?} made {shown} of it");
    }
}

#[test]
fn no_damage_makes_a_reader_panic() {
    let answers = answers();
    let mut rng = Rng::with_seed(SEED);
    let mut read = 0;
    for case in 0..CASES {
        let (own, value) = &answers[case % answers.len()];
        let body = damaged(value, &mut rng);
        // Mostly what reads it in earnest, for only that gets far.
        let reply = if rng.u8(..) < 200 {
            *own
        } else {
            Reply::ALL[rng.usize(..Reply::ALL.len())]
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| reply.read(&response(body.clone()))));
        let Ok(outcome) = outcome else {
            panic!(
                "case {case}: {reply:?} panics over {}",
                String::from_utf8_lossy(&body)
            );
        };
        read += usize::from(outcome.is_ok());
    }
    // Damage that nothing survives would test the JSON reader alone.
    assert!(
        (CASES / 10..CASES * 9 / 10).contains(&read),
        "{read} of {CASES} were read"
    );
}

#[test]
fn no_damage_to_a_key_or_a_rule_makes_a_reader_panic() {
    let folder = format!("{}/tests/keys", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    // A passphrase costs time to try, whoever tries it.
    files.retain(|file| !file.to_string_lossy().contains("locked"));
    let keys: Vec<_> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    let rule = br#"FROM any TO tag "cloudfarm.group.web" = "true" ALLOW tcp PORTS 80 - 90"#;
    let mut rng = Rng::with_seed(SEED);
    for case in 0..2_000 {
        let key = scratched(&keys[case % keys.len()], &mut rng);
        let rule = scratched(rule, &mut rng);
        let outcome = catch_unwind(|| {
            fuzzing::key(&key);
            fuzzing::rule(&String::from_utf8_lossy(&rule));
        });
        assert!(
            outcome.is_ok(),
            "case {case}: {}",
            String::from_utf8_lossy(&key)
        );
    }
}

fn damaged(value: &Value, rng: &mut Rng) -> Vec<u8> {
    if rng.u8(..8) < 3 {
        return scratched(value.to_string().as_bytes(), rng);
    }
    let mut value = value.clone();
    for _ in 0..rng.usize(1..4) {
        change(&mut value, rng);
    }
    value.to_string().into_bytes()
}

/// Bytes flipped, cut off or doubled.
fn scratched(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match rng.u8(..3) {
        0 => bytes.truncate(rng.usize(..=bytes.len())),
        1 => {
            let at = rng.usize(..bytes.len());
            let piece = bytes[at..].to_vec();
            bytes.splice(at..at, piece);
        }
        _ => {
            for _ in 0..rng.usize(1..6) {
                let at = rng.usize(..bytes.len());
                bytes[at] ^= 1 << rng.u8(..8);
            }
        }
    }
    bytes
}

/// Puts something else in some place.
fn change(value: &mut Value, rng: &mut Rng) {
    let deeper = rng.u8(..4) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = rng.usize(..fields.len());
            let key = fields.keys().nth(at).unwrap().clone();
            if rng.u8(..8) == 0 {
                fields.remove(&key);
            } else {
                change(&mut fields[&key], rng);
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = rng.usize(..items.len());
            change(&mut items[at], rng);
        }
        other => {
            let odd = [
                json!(null),
                json!(""),
                json!(-1),
                json!(1e300),
                json!(u64::MAX),
                json!([]),
                json!({}),
                json!(true),
                json!("::/0"),
                json!("\u{0}"),
                json!([[]]),
                json!({"a": null}),
                json!("a/b"),
            ];
            *other = odd[rng.usize(..odd.len())].clone();
        }
    }
}
