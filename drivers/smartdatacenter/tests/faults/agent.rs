//! SSH agents that do not do their part.

use cloudfarm_contract::ErrorKind;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use crate::lab::{connect, cx};

async fn asked(answer: Vec<u8>) -> cloudfarm_contract::Error {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent");
    let listener = UnixListener::bind(&socket).unwrap();
    let agent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let length = stream.read_u32().await.unwrap();
        stream
            .read_exact(&mut vec![0; length as usize])
            .await
            .unwrap();
        stream.write_all(&answer).await.unwrap();
    });
    let extra = json!({"url": "http://127.0.0.1:1", "agent": socket, "key_id": "deploy"});
    let driver = connect(Some("demo"), &extra).unwrap();
    let error = driver.check(&cx()).await.unwrap_err();
    agent.await.unwrap();
    error
}

#[tokio::test]
async fn an_agent_without_the_key_is_told() {
    let error = asked(vec![0, 0, 0, 5, 12, 0, 0, 0, 0]).await;
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(error.hint().unwrap().contains("ssh-add"), "{error:?}");
}

#[tokio::test]
async fn an_agent_that_speaks_in_tongues_is_unavailable() {
    for answer in [
        vec![0, 0, 0, 1, 5],
        vec![0, 0, 0, 5, 12, 0, 0, 0, 9],
        vec![0xff, 0xff, 0xff, 0xff],
        vec![0, 0, 0, 9, 12],
        vec![],
    ] {
        let error = asked(answer.clone()).await;
        assert_eq!(
            error.kind(),
            ErrorKind::Unavailable,
            "{answer:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_told() {
    let extra = json!({"url": "http://127.0.0.1:1", "agent": "/no/such/agent", "key_id": "x"});
    let driver = connect(Some("demo"), &extra).unwrap();
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("agent"), "{error}");
    assert!(!error.message().contains("/no/such"), "{error}");
}
