//! Key pairs and volumes: what lives beside the nodes.

use std::os::unix::fs::PermissionsExt;

use super::common::{TestServer, fast_dummy};
use super::program::{run, run_with_input};

fn server() -> TestServer {
    TestServer::start(vec![fast_dummy("default"), fast_dummy("lab")])
}

#[test]
fn a_key_pair_is_imported_listed_and_deleted() {
    let server = server();
    let url = server.url();
    let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfT3PDYuFHXMlFkyCPYbNPgrqUaVCEUHNDaR5cRzcD me\n";
    let made = run_with_input(url, "key-pairs create me --public-key -", key).ok();
    assert_eq!(made.column("NAME"), ["me"]);
    assert!(!made.stderr.contains("private key"), "{made:?}");
    let shown = run(url, "key-pairs show me").ok().stdout;
    assert!(shown.contains("ssh-ed25519 AAAA"), "{shown}");
    assert_eq!(run(url, "key-pairs list -q").ok().stdout, "me\n");
    run(url, "key-pairs delete me").fails(2, &["delete key pair me", "--yes"]);
    let gone = run(url, "key-pairs delete me --yes --wait").ok();
    assert_eq!(gone.stdout, "key pair me deleted\n");
    assert_eq!(run(url, "key-pairs list -o json").ok().stdout, "[]\n");
}

#[test]
fn a_generated_private_key_is_handed_over_once() {
    let server = server();
    let url = server.url();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deploy.pem");
    let made = run(
        url,
        &format!("key-pairs create deploy --save {}", path.display()),
    )
    .ok();
    assert!(made.stderr.contains("private key written to"), "{made:?}");
    let key = std::fs::read_to_string(&path).unwrap();
    assert!(key.contains("PRIVATE KEY"), "{key}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let other = run(url, "key-pairs create other").ok();
    assert!(other.stderr.contains("shown once"), "{other:?}");
    assert!(other.stderr.contains("PRIVATE KEY"), "{other:?}");
    assert!(!other.stdout.contains("PRIVATE KEY"), "{other:?}");
    let json = run(url, "key-pairs create third -o json").ok().json();
    assert!(json["secrets"]["private_key"].is_string(), "{json}");
}

#[test]
fn a_volume_is_made_attached_grown_and_deleted() {
    let server = server();
    let url = server.url();
    run(
        url,
        "nodes create web-1 --image alpine-3.22 --size small --wait",
    )
    .ok();
    let node = run(url, "nodes show web-1 -q")
        .ok()
        .stdout
        .trim()
        .to_owned();
    let made = run(url, "volumes create data-1 --size 20 -m role=db --wait").ok();
    assert_eq!(made.column("STATE"), ["available"]);
    assert_eq!(made.column("SIZE GB"), ["20"]);
    let grown = run(url, "volumes extend data-1 --size 40 --wait -o json")
        .ok()
        .json();
    assert_eq!(grown["size_gb"], 40);
    assert_eq!(grown["metadata"]["role"], "db");
    let attached = run(url, "volumes attach data-1 --node web-1 --wait").ok();
    assert_eq!(attached.column("STATE"), ["in_use"]);
    assert_eq!(attached.column("NODE"), [node]);
    run(url, "volumes delete data-1 --yes --wait").fails(4, &["data-1"]);
    let detached = run(url, "volumes detach data-1 --node web-1 --wait").ok();
    assert_eq!(detached.column("STATE"), ["available"]);
    run(url, "volumes create data-2 --size 1 --wait").ok();
    let gone = run(url, "volumes delete data-1 data-2 --yes --wait").ok();
    assert_eq!(
        gone.lines(),
        ["volume data-1 deleted", "volume data-2 deleted"]
    );
    assert!(gone.stderr.contains("2 of 2 volumes deleted"), "{gone:?}");
    run(url, "volumes show data-1").fails(3, &["data-1"]);
    run(url, "volumes create x --size big").fails(2, &["--size"]);
}
