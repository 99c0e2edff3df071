//! Every kind and form of key signs what http-signature verifies.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::lab::{cx, driver, key_file, required};

async fn passes(extra: Value) {
    let checked = driver(&extra).check(&cx()).await;
    checked.unwrap_or_else(|error| panic!("{extra}: {error:?}"));
}

/// The fingerprint of a key, in the form that `kind` names, as ssh-keygen writes it.
fn fingerprint(name: &str, kind: &str) -> String {
    let shown = Command::new("ssh-keygen")
        .args(["-l", "-E", kind, "-f", &key_file(&format!("{name}.pub"))])
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    shown.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn every_form_of_key_is_let_in_by_its_fingerprint() {
    for name in [
        "deploy",
        "openssh",
        "pkcs8",
        "ecdsa",
        "ecdsa-pem",
        "ed25519",
    ] {
        passes(json!({"key_file": key_file(name)})).await;
    }
    let passphrase = required("CLOUDFARM_SDC_PASSPHRASE");
    for name in ["locked", "locked-rsa", "locked-pem", "locked-pkcs8"] {
        passes(json!({"key_file": key_file(name), "passphrase": passphrase})).await;
    }
}

#[tokio::test]
async fn a_key_is_named_in_every_way_that_tools_do() {
    for id in [
        "deploy".to_owned(),
        required("SDC_KEY_ID"),
        fingerprint("deploy", "md5"),
        fingerprint("deploy", "sha256"),
    ] {
        passes(json!({"key_file": key_file("deploy"), "key_id": id})).await;
    }
    let text = std::fs::read_to_string(key_file("deploy")).unwrap();
    passes(json!({"key": text, "algorithm": "rsa-sha512"})).await;
}

#[tokio::test]
async fn a_user_of_the_account_signs_with_a_key_of_its_own() {
    passes(json!({"key_file": key_file("user-bob"), "sub_user": "bob", "key_id": "user-bob"}))
        .await;
    passes(json!({"key_file": key_file("user-bob"), "sub_user": "bob"})).await;
    passes(json!({"key_file": key_file("deploy"), "roles": ["reader", "writer"]})).await;
}

/// An agent of OpenSSH, which ends with the test.
struct Agent {
    child: Child,
    socket: String,
}

impl Agent {
    fn start(folder: &std::path::Path, keys: &[&str]) -> Self {
        let socket = folder.join("agent").display().to_string();
        let mut child = Command::new("ssh-agent")
            .args(["-D", "-a", &socket])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let agent = Self { child, socket };
        // It says where it listens once it does.
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said).unwrap();
        for key in keys {
            agent.add(&std::fs::read(key_file(key)).unwrap());
        }
        agent
    }

    fn add(&self, key: &[u8]) {
        let mut add = Command::new("ssh-add")
            .args(["-q", "-"])
            .env("SSH_AUTH_SOCK", &self.socket)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        add.stdin.take().unwrap().write_all(key).unwrap();
        assert!(add.wait().unwrap().success(), "a key is not added");
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn keys_in_an_agent_sign() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let names = ["deploy", "openssh", "ecdsa", "ecdsa-pem", "ed25519"];
    let agent = Agent::start(folder.path(), &names);
    for name in names {
        for kind in ["md5", "sha256"] {
            passes(json!({"agent": agent.socket, "key_id": fingerprint(name, kind)})).await;
        }
    }
    let id = fingerprint("deploy", "sha256");
    passes(json!({"agent": agent.socket, "key_id": id, "algorithm": "rsa-sha512"})).await;
}
