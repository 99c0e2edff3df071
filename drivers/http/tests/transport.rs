//! Sending and receiving over a real connection, and all that can go wrong with it.

mod support;

use std::io::Write as _;
use std::time::Duration;

use cloudfarm_contract::{Context, Effect, ErrorKind, Priority, Retry, SideEffect};
use cloudfarm_http::{HttpParams, Period, Request, Url, header};
use serde_json::json;
use support::{Reply, Server, cx, params, transport};

fn short(millis: u64) -> Period {
    Period::from(Duration::from_millis(millis))
}

#[tokio::test]
async fn a_request_arrives_as_it_was_built() {
    let server = Server::start(|_| Reply::json(202, &json!({"id": "n-1"}))).await;
    let request = Request::post(server.url("/servers"), Effect::Once)
        .query("a b", "c/d")
        .header(header::ACCEPT, "application/json")
        .secret_header(header::AUTHORIZATION, &"Bearer x".into())
        .json(&json!({"name": "web"}));
    let response = transport(&params()).send(&cx(), request).await.unwrap();
    assert_eq!(response.status(), 202);
    assert_eq!(response.json::<serde_json::Value>().unwrap()["id"], "n-1");
    let seen = &server.seen()[0];
    assert_eq!(
        (&*seen.method, &*seen.target),
        ("POST", "/servers?a+b=c%2Fd")
    );
    assert_eq!(seen.body, r#"{"name":"web"}"#);
    assert_eq!(seen.headers["authorization"], "Bearer x");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert!(seen.headers["user-agent"].starts_with("cloudfarm/"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is_sent() {
    let server = Server::start(|_| Reply::new(200, &[], "")).await;
    let request = Request::get(server.url("/")).header(header::ACCEPT, "a\r\nevil: 1");
    let error = transport(&params()).send(&cx(), request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn compressed_answers_are_unpacked() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(br#"{"packed": true}"#).unwrap();
    let packed = packer.finish().unwrap();
    let server =
        Server::start(move |_| Reply::new(200, &[("content-encoding", "gzip")], &packed)).await;
    let response = transport(&params())
        .send(&cx(), Request::get(server.url("/")))
        .await
        .unwrap();
    assert_eq!(response.text(), r#"{"packed": true}"#);
    assert_eq!(server.seen()[0].headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn a_bomb_is_measured_unpacked() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![b' '; 4 * 1024 * 1024]).unwrap();
    let packed = packer.finish().unwrap();
    let params = HttpParams {
        max_response_bytes: 64 * 1024,
        ..params()
    };
    assert!(packed.len() < params.max_response_bytes);
    let server =
        Server::start(move |_| Reply::new(200, &[("content-encoding", "gzip")], &packed)).await;
    let error = transport(&params)
        .send(&cx(), Request::get(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert_eq!(error.retry(), Retry::Never);
    assert!(
        error.message().contains("larger than 65536 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_was_sent_to_a_closed_port() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = Url::parse(&format!("http://127.0.0.1:{port}/x?secret=canary")).unwrap();
    let error = transport(&params())
        .send(&cx(), Request::post(url, Effect::Once))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(error.is_retryable());
    let message = format!("cannot connect to 127.0.0.1:{port}: connection refused");
    assert_eq!(error.message(), message);
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn a_name_that_is_none_is_said_to_be_none() {
    let url = Url::parse("http://nowhere.invalid/").unwrap();
    let error = transport(&params())
        .send(&cx(), Request::get(url))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.message().ends_with("the name cannot be resolved"),
        "{error}"
    );
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let params = HttpParams {
        connect_timeout: short(100),
        ..params()
    };
    let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
    let error = transport(&params)
        .send(&cx(), Request::post(url, Effect::Once))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(error.message().contains("connect timeout"), "{error}");
}

#[tokio::test]
async fn silence_ends_with_the_read_timeout_the_total_and_the_deadline() {
    let server = Server::start(|_| Reply::raw("").then_hang()).await;
    let read = HttpParams {
        read_timeout: short(100),
        ..params()
    };
    let total = HttpParams {
        timeout: short(100),
        ..params()
    };
    let (ample, soon) = (Duration::from_secs(20), Duration::from_millis(100));
    for (params, time, says) in [
        (&read, ample, "within the read timeout"),
        (&total, ample, "within 100 ms"),
        (&params(), soon, "did not answer within"),
    ] {
        for (effect, left) in [
            (Effect::Read, SideEffect::None),
            (Effect::Idempotent, SideEffect::Possible),
            (Effect::Once, SideEffect::Possible),
        ] {
            // It takes a while to make, which is not the deadline's.
            let transport = transport(params);
            let cx = Context::new(time, "req-1", Priority::Job);
            let request = Request::post(server.url("/"), effect);
            let error = transport.send(&cx, request).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout);
            assert_eq!(error.side_effect(), left, "{effect:?}");
            assert!(error.message().contains(says), "{error}");
        }
    }
}

#[tokio::test]
async fn a_slow_body_ends_with_the_total_timeout() {
    let server = Server::start(|_| {
        Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc").then_hang()
    })
    .await;
    let params = HttpParams {
        timeout: short(150),
        ..params()
    };
    let error = transport(&params)
        .send(&cx(), Request::delete(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::Possible);
}

#[tokio::test]
async fn a_call_whose_time_is_up_is_not_made() {
    let server = Server::start(|_| Reply::new(200, &[], "")).await;
    let cx = Context::new(Duration::ZERO, "req-1", Priority::Job);
    let request = Request::post(server.url("/"), Effect::Once);
    let error = transport(&params()).send(&cx, request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_truncated_answer_is_an_error_and_not_a_short_list() {
    for bytes in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1, 2]",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n[1, 2]\r\n",
    ] {
        let server = Server::start(move |_| Reply::raw(bytes)).await;
        let request = Request::post(server.url("/"), Effect::Once);
        let error = transport(&params()).send(&cx(), request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError);
        assert_eq!(error.side_effect(), SideEffect::Possible);
        assert_eq!(error.provider_status(), Some(200));
        assert!(
            error.message().contains("broke off after 6 bytes"),
            "{error}"
        );
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_read_is_sent_again_over_a_new_connection_and_a_create_is_not() {
    // The first answer keeps the connection, which is closed when the next request comes.
    let server = Server::start(|seen| match (seen.connection, seen.number) {
        (0, 0) => Reply::new(200, &[], "first"),
        (0, _) => Reply::raw(""),
        _ => Reply::new(200, &[], "again"),
    })
    .await;
    let one = transport(&params());
    for text in ["first", "again"] {
        let response = one
            .send(&cx(), Request::get(server.url("/")))
            .await
            .unwrap();
        assert_eq!(response.text(), text);
    }
    assert_eq!(server.seen().len(), 3);

    let server = Server::start(|_| Reply::raw("")).await;
    let request = Request::post(server.url("/"), Effect::Once);
    let error = transport(&params()).send(&cx(), request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert!(
        error
            .message()
            .contains("closed the connection without an answer"),
        "{error}"
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_read_is_sent_again_once_and_no_more() {
    let server = Server::start(|_| Reply::raw("")).await;
    let error = transport(&params())
        .send(&cx(), Request::get(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::None);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_none() {
    let server = Server::start(|_| Reply::raw("SSH-2.0-OpenSSH_9.6\r\n")).await;
    let error = transport(&params())
        .send(&cx(), Request::get(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().ends_with("is not http"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_followed_by_reads_within_the_origin() {
    let server = Server::start(|seen| match &*seen.target {
        "/v3" => Reply::new(301, &[("location", "/v3/")], ""),
        "/v3/" => Reply::new(200, &[], "here"),
        "/circle" => Reply::new(302, &[("location", "/circle")], ""),
        _ => Reply::new(
            302,
            &[("location", "http://169.254.169.254/latest?x=1")],
            "",
        ),
    })
    .await;
    let transport = transport(&params());
    let send = |request| {
        let transport = transport.clone();
        async move { transport.send(&cx(), request).await }
    };

    let token = "canary".into();
    let request = Request::get(server.url("/v3")).secret_header(header::AUTHORIZATION, &token);
    assert_eq!(send(request).await.unwrap().text(), "here");
    assert_eq!(server.seen()[1].headers["authorization"], "canary");

    let foreign = send(Request::get(server.url("/foreign")))
        .await
        .unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::ProviderError);
    assert_eq!(foreign.retry(), Retry::Never);
    assert!(
        foreign
            .message()
            .contains("redirects to http://169.254.169.254,"),
        "{foreign}"
    );

    let circle = send(Request::get(server.url("/circle"))).await.unwrap_err();
    assert!(circle.message().contains("in circles"), "{circle}");

    let post = send(Request::post(server.url("/v3"), Effect::Once))
        .await
        .unwrap();
    assert_eq!(post.status(), 301);
    let mine = send(Request::get(server.url("/foreign")).without_redirects())
        .await
        .unwrap();
    assert_eq!(mine.status(), 302);
}

#[test]
fn a_wrong_setting_is_named() {
    let parse = |value: serde_json::Value| serde_json::from_value::<HttpParams>(value);
    assert!(parse(json!({"conect_timeout": 3})).is_err());
    for (value, field) in [
        (json!({"ca_file": "/nowhere/canary.pem"}), "ca_file"),
        (json!({"ca_file": file!()}), "ca_file"),
        (json!({"ca_only": true}), "ca_only"),
        (
            json!({"client_cert_file": "/nowhere/canary.pem"}),
            "client_cert_file",
        ),
        (
            json!({"client_key_file": "/nowhere/canary.pem"}),
            "client_key_file",
        ),
        (json!({"proxy": "proxy.example:3128"}), "proxy"),
        (
            json!({"proxy": "http://me:canary@proxy.example:3128"}),
            "proxy",
        ),
        (json!({"proxy_password": "canary"}), "proxy_password"),
        (json!({"user_agent": "a\r\nb"}), "user_agent"),
    ] {
        let params = parse(value.clone()).unwrap();
        let clock = std::sync::Arc::new(cloudfarm_contract::SystemClock);
        let error = cloudfarm_http::Transport::new("lab", &params, clock).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{value}");
        let path = format!("extra_params.http.{field}");
        assert_eq!(
            error.field().map(|field| field.as_str()),
            Some(&*path),
            "{value}"
        );
        assert!(!error.message().contains("canary"), "{error}");
    }
}
