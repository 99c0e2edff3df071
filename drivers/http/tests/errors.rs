//! What a driver's caller reads when a provider refuses, fails or talks nonsense.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod support;

use std::time::Duration;

use cloudfarm_contract::{Effect, Error, ErrorKind, Retry, SideEffect};
use cloudfarm_http::{Request, Response, header};
use serde::Deserialize;
use serde_json::json;
use support::{Reply, Server, cx, params, transport};

async fn answer(effect: Effect, reply: Reply) -> Response {
    let server = Server::start(move |_| reply.clone()).await;
    let request = Request::post(server.url("/"), effect)
        .secret_header(header::AUTHORIZATION, &"Bearer canary".into());
    transport(&params()).send(&cx(), request).await.unwrap()
}

async fn refusal(effect: Effect, reply: Reply) -> Error {
    answer(effect, reply).await.success().unwrap_err()
}

#[tokio::test]
async fn a_status_has_its_kind_and_its_side_effect() {
    use ErrorKind::*;
    use SideEffect::{None, Possible};
    for (status, kind, left) in [
        (300, ProviderError, None),
        (400, Invalid, None),
        (401, ProviderAuth, None),
        (403, Forbidden, None),
        (404, NotFound, None),
        (409, Conflict, None),
        (410, NotFound, None),
        (413, Invalid, None),
        (418, ProviderError, None),
        (420, RateLimited, None),
        (422, Invalid, None),
        (429, RateLimited, None),
        (449, Unsupported, None),
        (500, ProviderError, Possible),
        (501, Unsupported, None),
        (502, ProviderError, Possible),
        (503, Unavailable, Possible),
        (504, Timeout, Possible),
    ] {
        let error = refusal(Effect::Once, Reply::new(status, &[], "")).await;
        assert_eq!(error.kind(), kind, "{status}");
        assert_eq!(error.side_effect(), left, "{status}");
        assert_eq!(error.provider_status(), Some(status));
        let read = refusal(Effect::Read, Reply::new(status, &[], "")).await;
        assert_eq!(read.side_effect(), None, "{status}");
        let server_failed = status >= 500 && status != 501;
        assert_eq!(
            error.is_retryable(),
            server_failed || matches!(status, 420 | 429),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_error_holds_what_the_provider_said_under_which_id_and_no_secret() {
    let body = json!({"conflictingRequest": {"code": 409, "message": "Cannot 'stop'\nwith token canary."}});
    for name in [
        "x-openstack-request-id",
        "x-compute-request-id",
        "x-amzn-RequestId",
        "request-id",
    ] {
        let reply = Reply::new(
            409,
            &[(name, "req-7"), ("content-type", "application/json")],
            body.to_string(),
        );
        let error = refusal(Effect::Once, reply).await;
        assert_eq!(
            error.message(),
            "the provider said: Cannot 'stop' with token [secret]"
        );
        assert_eq!(error.provider_code().unwrap(), &"conflictingRequest");
        assert_eq!(error.provider_request_id().unwrap(), &"req-7", "{name}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn no_body_is_too_odd_for_an_error() {
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "null",
        "<html>oh</html>",
        "{\"message\": ",
        "\u{0}\u{1}",
        &*deep,
    ] {
        for kind in ["application/json", "text/html", ""] {
            let reply = Reply::new(500, &[("content-type", kind)], body);
            let error = refusal(Effect::Read, reply).await;
            assert_eq!(error.kind(), ErrorKind::ProviderError);
            assert!(
                error
                    .message()
                    .ends_with("answered 500 internal server error"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_wait_is_taken_from_header_and_body() {
    let date = [
        ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"),
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ];
    let error = refusal(Effect::Once, Reply::new(429, &date, "")).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(30)));
    let error = refusal(Effect::Read, Reply::new(503, &[("retry-after", "7")], "")).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(7)));
    let limit = json!({"overLimit": {"code": 413, "message": "slow", "retryAfter": 9}});
    let error = refusal(Effect::Once, Reply::json(413, &limit)).await;
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(9)));
}

#[tokio::test]
async fn too_much_is_a_rate_or_a_quota_by_what_is_said() {
    for (message, kind) in [
        ("This request was rate-limited.", ErrorKind::RateLimited),
        (
            "Maximum number of volumes allowed (10) exceeded for quota",
            ErrorKind::QuotaExceeded,
        ),
    ] {
        let body = json!({"overLimit": {"code": 413, "message": message}});
        let error = refusal(Effect::Once, Reply::json(413, &body)).await;
        assert_eq!(error.kind(), kind, "{message}");
    }
}

#[derive(Debug, Deserialize)]
struct Servers {
    #[expect(dead_code, reason = "only the reading is of interest")]
    servers: Vec<Server1>,
}

#[derive(Debug, Deserialize)]
struct Server1 {
    #[expect(dead_code, reason = "only the reading is of interest")]
    id: String,
}

#[tokio::test]
async fn json_that_is_none_is_named_for_what_it_is() {
    for (kind, body, says) in [
        (
            "text/html",
            "\n<html><title>Log in</title>\n<p>token canary",
            "json was expected, but it is text/html that begins with \"<html><title>Log in</title> <p>token [secret]\"",
        ),
        ("application/json", "", "it is an empty body"),
        (
            "",
            "oops",
            "it is something without a content type that begins with \"oops\"",
        ),
        (
            "application/json",
            "{\"servers\": [",
            "at servers: it ends too early",
        ),
        ("application/json", "{\"servers\": [}", "it is not json"),
        (
            "application/json",
            "{\"servers\": []} x",
            "at its top: it is not json",
        ),
        ("application/json", "{}", "missing field `servers`"),
        (
            "application/json",
            "{\"servers\": [{\"id\": \"a\"}, {\"id\": 5550001}]}",
            "at servers[1].id: expected a string",
        ),
    ] {
        let reply = Reply::new(
            200,
            &[("content-type", kind), ("request-id", "req-7")],
            body,
        );
        let response = answer(Effect::Once, reply).await;
        let error = response.json::<Servers>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError);
        assert_eq!(error.side_effect(), SideEffect::Possible);
        assert_eq!(error.provider_request_id().unwrap(), &"req-7");
        assert!(error.message().contains(says), "{error}");
        assert!(!error.message().contains("canary") && !error.message().contains("5550001"));
    }
}

#[tokio::test]
async fn a_secret_answer_is_not_quoted() {
    let server =
        Server::start(|_| Reply::new(200, &[("content-type", "text/plain")], "canary")).await;
    let request = Request::get(server.url("/")).secret_response();
    let response = transport(&params()).send(&cx(), request).await.unwrap();
    let error = response.json::<Servers>().unwrap_err();
    assert!(error.message().ends_with("it is text/plain"), "{error}");
}
