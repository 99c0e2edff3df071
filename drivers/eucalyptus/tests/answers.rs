//! Answers of the query API as a server gives them, and as services, proxies and wires damage them:
//! what reads them gives a value or an error. The same cases in every run.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use cloudfarm_eucalyptus::fuzzing::Reply;
use cloudfarm_http::{Response, StatusCode, header::HeaderMap};
use fastrand::Rng;

const CASES: usize = 20_000;
const SEED: u64 = 0x0C10_0DFA;

/// Each recorded answer, and what reads it in earnest.
const RECORDED: &[(&str, Reply, &str)] = &[
    ("refusal", Reply::Refusal, "NotFound"),
    ("stopped", Reply::Done, "Done"),
    ("instances", Reply::Nodes, "web & <db>"),
    ("images", Reply::Images, "amzn-ami-hvm"),
    ("types", Reply::Sizes, "m5.large"),
    ("zones", Reply::Locations, "us-east-1a"),
    ("key-pairs", Reply::KeyPairs, "recorded"),
    ("volumes", Reply::Volumes, "recorded"),
    ("snapshots", Reply::VolumeSnapshots, "recorded"),
    ("vpcs", Reply::Networks, "10.77.0.0/16"),
    ("subnets", Reply::Subnets, "10.77.1.0/24"),
    ("groups", Reply::SecurityGroups, "10.0.0.0/8"),
    ("addresses", Reply::Addresses, "eipalloc-"),
    ("console", Reply::Console, "zonelists"),
    ("attributes", Reply::Quotas, "limit"),
];

fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clouds/eucalyptus/golden");
    std::fs::read_to_string(folder.join(format!("{name}.xml"))).unwrap()
}

fn response(reply: Reply, body: Vec<u8>) -> Response {
    let status = if reply == Reply::Refusal {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    Response::recorded(status, HeaderMap::new(), body).unwrap()
}

#[test]
fn recorded_answers_are_read() {
    for (name, reply, says) in RECORDED {
        let body = recorded(name);
        let read = reply.read(&response(*reply, body.clone().into_bytes()));
        let read = read.unwrap();
        assert!(read.contains(says), "{name}: {says:?} is not in {read}");
        // Eucalyptus answers in a namespace of its own, with a prefix or without.
        let prefixed = body
            .replace(
                "http://ec2.amazonaws.com/doc/2016-11-15",
                "http://msgs.eucalyptus.com/3.4.1",
            )
            .replace("xmlns=", "xmlns:euca=")
            .replace("</", "\u{1}")
            .replace("<?", "\u{2}")
            .replace('<', "<euca:")
            .replace('\u{1}', "</euca:")
            .replace('\u{2}', "<?");
        let other = reply.read(&response(*reply, prefixed.into_bytes()));
        assert_eq!(other.unwrap(), read, "{name}, in another namespace");
    }
}

#[test]
fn no_damage_makes_a_reader_panic() {
    let answers: Vec<_> = RECORDED
        .iter()
        .map(|(name, reply, _)| (*name, *reply, recorded(name).into_bytes()))
        .collect();
    let mut rng = Rng::with_seed(SEED);
    let mut read = 0;
    for case in 0..CASES {
        let (name, reply, body) = &answers[case % answers.len()];
        let body = damaged(body, &mut rng);
        // Mostly what reads it in earnest, for only that gets far.
        let reply = if rng.u8(..) < 220 {
            *reply
        } else {
            Reply::ALL[rng.usize(..Reply::ALL.len())]
        };
        let answer = response(reply, body.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| reply.read(&answer)));
        let Ok(outcome) = outcome else {
            let body = String::from_utf8_lossy(&body);
            panic!("case {case}: {reply:?} panics over {name}: {body}");
        };
        read += usize::from(outcome.is_ok());
    }
    // Damage that nothing survives would test the XML reader alone.
    assert!(
        (CASES / 10..CASES * 9 / 10).contains(&read),
        "{read} of {CASES} were read"
    );
}

/// The body with something done to it: bits, its end, its middle, its elements or its texts.
fn damaged(body: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut body = body.to_vec();
    match rng.u8(..10) {
        0 => {
            for _ in 0..rng.usize(1..8) {
                let at = rng.usize(..body.len());
                body[at] ^= 1 << rng.u8(..8);
            }
        }
        1 => body.truncate(rng.usize(..=body.len())),
        2 => splice(&mut body, rng),
        3..=5 => change_element(&mut body, rng),
        _ => {
            for _ in 0..rng.usize(1..4) {
                change_text(&mut body, rng);
            }
        }
    }
    body
}

/// Puts a piece of the body, or something of another format, into its middle.
fn splice(body: &mut Vec<u8>, rng: &mut Rng) {
    const STRANGE: [&[u8]; 8] = [
        b"<html><body>502</body></html>",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE\x00",
        b"<![CDATA[",
        b"]]>",
        b"<!-- ",
        b"&bomb;",
        b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    ];
    let at = rng.usize(..=body.len());
    let piece = if rng.bool() {
        let start = rng.usize(..=body.len());
        body[start..rng.usize(start..=body.len())].to_vec()
    } else {
        STRANGE[rng.usize(..STRANGE.len())].to_vec()
    };
    body.splice(at..at, piece);
}

/// Removes, doubles, renames or nests one element.
fn change_element(body: &mut Vec<u8>, rng: &mut Rng) {
    let text = String::from_utf8_lossy(body).into_owned();
    let opens: Vec<usize> = text
        .match_indices('<')
        .map(|(at, _)| at)
        .filter(|at| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))
        .skip(1)
        .collect();
    let Some(&start) = opens.get(rng.usize(..opens.len().max(1))) else {
        return;
    };
    let name: String = text[start + 1..]
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let close = format!("</{name}>");
    let Some(end) = text[start..]
        .find(&close)
        .map(|at| start + at + close.len())
    else {
        return;
    };
    let element = &text[start..end];
    let other = match rng.u8(..5) {
        0 => String::new(),
        1 => element.repeat(2),
        2 => element.replace(&name, "item"),
        3 => format!("<{name}/>"),
        _ => {
            let depth = rng.usize(1..300);
            format!(
                "{}{element}{}",
                format!("<{name}>").repeat(depth),
                close.repeat(depth)
            )
        }
    };
    *body = format!("{}{other}{}", &text[..start], &text[end..]).into_bytes();
}

/// Puts another text between two tags.
fn change_text(body: &mut Vec<u8>, rng: &mut Rng) {
    let text = String::from_utf8_lossy(body).into_owned();
    let places: Vec<(usize, usize)> = text
        .match_indices('>')
        .filter_map(|(at, _)| {
            let end = at + 1 + text[at + 1..].find('<')?;
            (end > at + 1).then_some((at + 1, end))
        })
        .collect();
    let Some(&(start, end)) = places.get(rng.usize(..places.len().max(1))) else {
        return;
    };
    let long = "\u{e9}\u{1F680}\u{202E}".repeat(rng.usize(1..200));
    let others = [
        "",
        "-1",
        "18446744073709551616",
        "NaN",
        "9999-99-99T99:99:99Z",
        "&#0;",
        "&lt;x&gt;",
        "999.999.999.999",
        "::",
        "10.0.0.0/99",
        "=",
        "true",
        "2026-11-21T12:54:48",
        &long,
    ];
    let other = others[rng.usize(..others.len())];
    *body = format!("{}{other}{}", &text[..start], &text[end..]).into_bytes();
}
