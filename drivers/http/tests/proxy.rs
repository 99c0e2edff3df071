//! Through a proxy: the one that is set, the one of the environment, or none.

mod support;

use std::process::Command;

use cloudfarm_http::{HttpParams, Request, Url};
use support::{Reply, Server, cx, params, transport};

const CHILD: &str = "CLOUDFARM_TEST_IN_CHILD";

async fn proxy() -> Server {
    Server::start(|_| Reply::new(200, &[], "through the proxy")).await
}

async fn read(url: Url, params: &HttpParams) -> String {
    match transport(params).send(&cx(), Request::get(url)).await {
        Ok(response) => response.text().into_owned(),
        Err(error) => error.message().to_owned(),
    }
}

fn cloud() -> Url {
    Url::parse("http://cloud.invalid/v3").unwrap_or_else(|_| unreachable!("the address is one"))
}

#[tokio::test]
async fn the_proxy_of_the_settings_is_used_with_its_credentials() {
    let proxy = proxy().await;
    let params = HttpParams {
        proxy: Some(proxy.url("/").to_string()),
        proxy_user: Some("me".to_owned()),
        proxy_password: Some("hunter2".into()),
        no_proxy: vec!["direct.invalid".to_owned()],
        ..HttpParams::default()
    };
    assert_eq!(read(cloud(), &params).await, "through the proxy");
    let seen = &proxy.seen()[0];
    assert_eq!(seen.target, "http://cloud.invalid/v3");
    assert_eq!(
        seen.headers["proxy-authorization"],
        "Basic bWU6aHVudGVyMg=="
    );
    let direct = read(Url::parse("http://direct.invalid/").unwrap(), &params).await;
    assert!(direct.ends_with("cannot be resolved"), "{direct}");
}

/// A process cannot change its environment safely, so the test runs itself in a child with the
/// environment that it is about.
#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_unless_there_shall_be_none() {
    if std::env::var_os(CHILD).is_some() {
        assert_eq!(
            read(cloud(), &HttpParams::default()).await,
            "through the proxy"
        );
        let direct = read(cloud(), &params()).await;
        assert!(direct.ends_with("cannot be resolved"), "{direct}");
        return;
    }
    let proxy = proxy().await;
    let address = proxy.url("/").to_string();
    let child = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "the_proxy_of_the_environment_is_used_unless_there_shall_be_none",
            ])
            .env(CHILD, "1")
            .env("HTTP_PROXY", &address)
            .env("http_proxy", &address)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .env_remove("REQUEST_METHOD")
            .output()
    });
    let output = child.await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(proxy.seen().len(), 1);
}
