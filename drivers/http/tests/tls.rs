//! Whom cloudfarm trusts, and by whom it is trusted.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod support;

use std::io::Write as _;
use std::sync::Arc;

use cloudfarm_contract::{Effect, Error, ErrorKind, Retry, SideEffect};
use cloudfarm_http::{HttpParams, Request, Url};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use support::{Reply, Server, cx, params, transport};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A private authority.
struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// What an authority signed.
struct Signed {
    pem: String,
    key_pem: String,
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    fn new(name: &str) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        })
    }

    fn sign(&self, name: &str) -> Result<Signed, rcgen::Error> {
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(vec![name.to_owned()])?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Signed {
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            der: certificate.der().clone(),
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        })
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// A server that shows `certificate` and, if `clients` is given, asks for one that it signed.
async fn server(certificate: &Signed, clients: Option<&Authority>) -> Server {
    let builder = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                .build()
                .unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder
        .with_single_cert(vec![certificate.der.clone()], certificate.key.clone_key())
        .unwrap();
    Server::start_tls(config, |_| Reply::new(200, &[], "private")).await
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn path(file: &NamedTempFile) -> Option<String> {
    file.path().to_str().map(str::to_owned)
}

async fn post(server: &Server, params: &HttpParams) -> Result<String, Error> {
    let request = Request::post(server.url("/"), Effect::Once);
    let response = transport(params).send(&cx(), request).await?;
    Ok(response.text().into_owned())
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("localhost").unwrap(), None).await;
    let ca = file(&authority.pem);
    for ca_only in [false, true] {
        let params = HttpParams {
            ca_file: path(&ca),
            ca_only,
            ..params()
        };
        assert_eq!(post(&server, &params).await.unwrap(), "private");
    }
}

#[tokio::test]
async fn nobody_else_is_trusted_and_nothing_is_sent() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("localhost").unwrap(), None).await;
    let other = file(&Authority::new("another").unwrap().pem);
    // An authority that bears the right name and is another is no better.
    let double = file(&Authority::new("private").unwrap().pem);
    for (ca_file, ca_only, why) in [
        (None, false, "an unknown authority signed it"),
        (path(&other), false, "an unknown authority signed it"),
        (path(&other), true, "an unknown authority signed it"),
        (
            path(&double),
            true,
            "the authority that it names did not sign it",
        ),
    ] {
        let params = HttpParams {
            ca_file,
            ca_only,
            ..params()
        };
        let error = post(&server, &params).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(
            error.message().ends_with(&format!("is not trusted: {why}")),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("extra_params.http.ca_file"));
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("elsewhere.example").unwrap(), None).await;
    let ca = file(&authority.pem);
    let params = HttpParams {
        ca_file: path(&ca),
        ..params()
    };
    let error = post(&server, &params).await.unwrap_err();
    assert!(
        error.message().ends_with("it is for another name"),
        "{error}"
    );
}

#[tokio::test]
async fn verification_is_skipped_only_when_that_is_asked_for() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("elsewhere.example").unwrap(), None).await;
    let params = HttpParams {
        insecure_skip_verify: true,
        ..params()
    };
    assert_eq!(post(&server, &params).await.unwrap(), "private");
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("localhost").unwrap(), Some(&authority)).await;
    let ca = file(&authority.pem);
    let mine = authority.sign("cloudfarm").unwrap();
    let (certificate, key) = (file(&mine.pem), file(&mine.key_pem));
    let both = file(&format!("{}{}", mine.pem, mine.key_pem));
    for (cert_file, key_file) in [(path(&certificate), path(&key)), (path(&both), None)] {
        let params = HttpParams {
            ca_file: path(&ca),
            client_cert_file: cert_file,
            client_key_file: key_file,
            ..params()
        };
        assert_eq!(post(&server, &params).await.unwrap(), "private");
    }
}

#[tokio::test]
async fn a_missing_or_foreign_client_certificate_is_said_to_be_the_reason() {
    let authority = Authority::new("private").unwrap();
    let server = server(&authority.sign("localhost").unwrap(), Some(&authority)).await;
    let ca = file(&authority.pem);
    let foreign = Authority::new("another")
        .unwrap()
        .sign("cloudfarm")
        .unwrap();
    let (certificate, key) = (file(&foreign.pem), file(&foreign.key_pem));
    for (cert_file, key_file) in [(None, None), (path(&certificate), path(&key))] {
        let params = HttpParams {
            ca_file: path(&ca),
            client_cert_file: cert_file,
            client_key_file: key_file,
            ..params()
        };
        let error = post(&server, &params).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderAuth, "{error:?}");
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(
            error.message().contains("refused the client certificate"),
            "{error}"
        );
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_key_of_another_certificate_is_refused_at_the_start() {
    let authority = Authority::new("private").unwrap();
    let certificate = file(&authority.sign("one").unwrap().pem);
    let key = file(&authority.sign("two").unwrap().key_pem);
    let params = HttpParams {
        client_cert_file: path(&certificate),
        client_key_file: path(&key),
        ..params()
    };
    let clock = Arc::new(cloudfarm_contract::SystemClock);
    let error = cloudfarm_http::Transport::new("lab", &params, clock).unwrap_err();
    assert_eq!(
        error.field().unwrap(),
        &"extra_params.http.client_cert_file"
    );
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_said_to_be_none() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
    });
    let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
    let error = transport(&params())
        .send(&cx(), Request::get(url))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.retry(), Retry::Never);
    assert!(error.message().ends_with("does not speak tls"), "{error}");
    server.await.unwrap();
}
