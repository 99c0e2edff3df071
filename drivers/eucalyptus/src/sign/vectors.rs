//! Signatures against published ones.

use std::path::Path;

use cloudfarm_contract::{Effect, Secret, Text};
use cloudfarm_http::header::HeaderName;
use cloudfarm_http::{Method, Request, parse_endpoint};
use serde::Deserialize;

use super::{Keys, Signature, Signing, v2, v4};

#[derive(Deserialize)]
struct Case {
    credentials: Credentials,
    region: String,
    service: String,
    sign_body: bool,
    timestamp: jiff::Timestamp,
}

#[derive(Deserialize)]
struct Credentials {
    access_key_id: Text,
    secret_access_key: Secret,
    token: Option<Secret>,
}

/// Reads `POST / HTTP/1.1`, headers and a body.
fn request(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let mut lines = head.lines();
    let mut words = lines.next().unwrap().split(' ');
    let method: Method = words.next().unwrap().parse().unwrap();
    let target = words.next().unwrap();
    let mut url = parse_endpoint("url", "http://example.amazonaws.com").unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    url.set_path(path);
    url.set_query((!query.is_empty()).then_some(query));
    let mut request = Request::new(method, url, Effect::Read);
    if !body.is_empty() {
        request = request.body("application/x-www-form-urlencoded", body.to_owned());
    }
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
        if name != "host" {
            request = request.header(name, value);
        }
    }
    request
}

fn check(folder: &Path) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let case: Case = serde_json::from_str(&read("context.json")).unwrap();
    let keys = Keys {
        access_key: case.credentials.access_key_id,
        secret_key: case.credentials.secret_access_key,
        session_token: case.credentials.token,
    };
    let signing = Signing {
        keys: &keys,
        region: &case.region,
        service: &case.service,
        at: case.timestamp,
    };
    let checksum = if case.sign_body {
        v4::PAYLOAD
    } else {
        aws_sigv4::http_request::PayloadChecksumKind::NoHeader
    };
    let signed = v4::sign_with(&signing, request(&read("request.txt")), checksum).unwrap();
    let authorization = signed
        .headers()
        .find(|(name, _)| *name == "authorization")
        .map(|(_, value)| value.to_str().unwrap().to_owned());
    let (_, signature) = authorization.as_deref().unwrap().rsplit_once('=').unwrap();
    assert_eq!(
        signature,
        read("header-signature.txt").trim(),
        "{}",
        folder.display()
    );
}

#[test]
fn version_4_is_as_amazons_suite_has_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check(&path);
            cases += 1;
        }
    }
    assert_eq!(cases, 10);
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// The example of Amazon's documentation, and those of the tests of boto.
#[test]
fn version_2_is_as_published() {
    for (secret, method, host, fields, signature) in [
        (
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "GET",
            "elasticmapreduce.amazonaws.com",
            pairs(&[
                ("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
                ("Action", "DescribeJobFlows"),
                ("SignatureMethod", "HmacSHA256"),
                ("SignatureVersion", "2"),
                ("Timestamp", "2011-10-03T15:19:30"),
                ("Version", "2009-03-31"),
            ]),
            "i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=",
        ),
        (
            "bar",
            "POST",
            "",
            pairs(&[("Foo", "\u{2713}")]),
            "VCtWuwaOL0yMffAT8W4y0AFW3W4KUykBqah9S40rB+Q=",
        ),
        (
            "bar",
            "POST",
            "",
            pairs(&[
                ("Timestamp", "2014-06-20T08:40:23Z"),
                ("SignatureVersion", "2"),
                ("SignatureMethod", "HmacSHA256"),
                ("Foo", "\u{2713}"),
                ("AWSAccessKeyId", "foo"),
            ]),
            "Tiecw+t51tok4dTT8B4bg47zxHEM/KcD55f2/x6K22o=",
        ),
    ] {
        let text = v2::string_to_sign(method, host, "/", &fields);
        assert_eq!(v2::signature(secret, &text), signature);
    }
}

#[test]
fn the_port_is_signed_unless_it_is_the_usual_one() {
    for (url, host) in [
        (
            "http://cloud.example:8773/services/compute",
            "cloud.example:8773",
        ),
        ("http://cloud.example:80/", "cloud.example"),
        ("https://cloud.example:443/", "cloud.example"),
        ("https://[::1]:80/", "[::1]:80"),
    ] {
        assert_eq!(super::host(&parse_endpoint("url", url).unwrap()), host);
    }
}

#[test]
fn no_secret_is_in_the_fields_that_are_sent() {
    let keys = Keys {
        access_key: Text::from("AKID"),
        secret_key: Secret::new("hunter2hunter2"),
        session_token: None,
    };
    let signing = Signing {
        keys: &keys,
        region: "eucalyptus",
        service: "ec2",
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    for signature in [Signature::V2, Signature::V4] {
        let url = parse_endpoint("url", "http://cloud.example:8773/services/compute").unwrap();
        let request = Request::post(url, Effect::Read);
        let fields = pairs(&[("Action", "DescribeRegions")]);
        let signed = signature.sign(&signing, request, fields).unwrap();
        let body = String::from_utf8_lossy(signed.body_bytes()).into_owned();
        assert!(!body.contains("hunter2"), "{body}");
        assert!(!format!("{signed:?} {keys:?}").contains("hunter2"));
    }
}
