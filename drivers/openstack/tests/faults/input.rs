//! Settings that do not fit the cloud: each is told in words that say what would be right.

use std::sync::Arc;

use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Error, ErrorKind, SideEffect, Text};
use cloudfarm_wire::{Reply, Wire};
use rcgen::{CertificateParams, KeyPair};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use serde_json::{Value, json};

use crate::lab::{CREATE, Lab, connect, cx, driver};

const HTML: (&str, &str) = ("content-type", "text/html");

fn url(lab: &Lab) -> String {
    format!("http://127.0.0.1:{}/v3", lab.wire.port)
}

async fn refused(lab: &Lab, extra: Value) -> Error {
    let driver = driver(&url(lab), extra);
    driver.check(&cx()).await.unwrap_err()
}

#[tokio::test]
async fn a_wrong_password_is_told_with_who_it_was_and_without_the_password() {
    let lab = Lab::start(|_, _| None).await;
    let driver = connect("demo", "hunter2", &url(&lab), json!({}));
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(!error.is_retryable());
    assert!(error.message().contains("demo"), "{error}");
    assert!(error.hint().unwrap().contains("password"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    // The second one names no project: that it is refused as well says that the project is not
    // what is wrong.
    assert_eq!(lab.logins(), 2);
}

#[tokio::test]
async fn an_unknown_region_is_told_with_those_that_there_are() {
    let lab = Lab::start(|_, _| None).await;
    let error = refused(&lab, json!({"region": "RegionTen"})).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), "extra_params.region");
    assert!(error.message().contains("RegionTen"), "{error}");
    assert_eq!(error.hint(), Some("the regions are: RegionOne, RegionTwo"));
    let error = refused(&lab, json!({"region": null})).await;
    assert_eq!(error.field().unwrap(), "extra_params.region");
    assert_eq!(error.hint(), Some("the regions are: RegionOne, RegionTwo"));
}

#[tokio::test]
async fn an_auth_url_that_is_a_web_page_is_named() {
    for status in [200, 404, 405] {
        let portal =
            Wire::start(move |_| Reply::new(status, &[HTML], "<html>Welcome</html>")).await;
        for path in ["", "/v3"] {
            let driver = driver(
                &format!("http://127.0.0.1:{}{path}", portal.port),
                json!({}),
            );
            let error = driver.check(&cx()).await.unwrap_err();
            let hint = error.hint().unwrap_or_default();
            assert!(
                hint.contains("extra_params.auth_url"),
                "{status} {path}: {error:?}"
            );
            assert!(!error.is_retryable(), "{status} {path}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_compute_address_that_is_a_web_page_is_told() {
    let portal = Wire::start(|_| Reply::new(200, &[HTML], "<html>Welcome</html>")).await;
    let lab = Lab::start(|_, _| None).await;
    let compute = format!("http://127.0.0.1:{}/v2.1", portal.port);
    let error = refused(&lab, json!({"endpoints": {"compute": compute}})).await;
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("text/html"), "{error}");
}

/// A certificate that nobody signed.
fn self_signed() -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .self_signed(&key)
        .unwrap();
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap()
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_stops_the_login() {
    let wire = Wire::start_tls(self_signed(), |_| Reply::json(200, &json!({}))).await;
    let driver = driver(&format!("https://localhost:{}/v3", wire.port), json!({}));
    let error = driver.check(&cx()).await.unwrap_err();
    assert!(error.message().contains("certificate"), "{error}");
    assert!(error.message().contains("not trusted"), "{error}");
    assert!(error.hint().unwrap().contains("ca_file"), "{error}");
    assert!(!error.is_retryable());
    assert!(
        wire.seen().is_empty(),
        "the password was sent to a stranger"
    );
}

async fn not_made(status: u16, body: Value) -> Error {
    let lab = Lab::start(move |asked, _| {
        if asked.is("GET", "/network/v2.0/networks") {
            let networks = json!([{"id": "n1", "name": "left"}, {"id": "n2", "name": "right"}]);
            return Some(Reply::json(200, &json!({"networks": networks})));
        }
        asked
            .is(CREATE.0, CREATE.1)
            .then(|| Reply::json(status, &body))
    })
    .await;
    let request = NodeCreate {
        name: Text::from("web"),
        image: Text::from("no-image"),
        size: Text::from("no-size"),
        ..NodeCreate::default()
    };
    let error = lab.driver.create_node(&cx(), &request).await.unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::None);
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error
}

#[tokio::test]
async fn an_image_a_size_or_a_network_that_is_wrong_is_named() {
    let bad = |message: &str| json!({"badRequest": {"code": 400, "message": message}});
    let error = not_made(400, bad("Can not find requested image")).await;
    assert_eq!(error.field().unwrap(), "image");
    assert!(error.hint().unwrap().contains("no-image"), "{error:?}");
    let error = not_made(400, bad("Flavor no-size could not be found.")).await;
    assert_eq!(error.field().unwrap(), "size");
    assert!(error.message().contains("no-size"), "{error:?}");
    let several = "Multiple possible networks found, use a Network ID to be more specific.";
    let conflict = json!({"conflictingRequest": {"code": 409, "message": several}});
    let error = not_made(409, conflict).await;
    assert_eq!(error.field().unwrap(), "networks");
    assert_eq!(
        error.hint(),
        Some("the networks are: left (n1), right (n2)")
    );
}
