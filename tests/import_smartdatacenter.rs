//! `cloudfarm clouds import --from smartdatacenter`: the real program in directories of its own.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = include_str!("../drivers/smartdatacenter/tests/keys/ed25519.openssh");
const MD5: &str = "9f:11:4e:ff:03:29:40:f8:80:7c:a7:41:93:3f:7a:68";

/// A home with a key and profiles.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write(".ssh/id_ed25519", KEY);
        home.write(
            ".triton/profiles.d/lab.json",
            &json!({"url": "https://lab.example", "account": "demo", "keyId": MD5, "user": "bob"})
                .to_string(),
        );
        home.write(
            ".triton/profiles.d/old.json",
            &json!({"url": "https://old.example", "account": "me", "keyId": MD5, "insecure": true})
                .to_string(),
        );
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The exit code, the farm that was written, and what was said.
    fn import(&self, variables: &[(&str, &str)], options: &[&str]) -> (i32, Value, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cloudfarm"));
        program
            .env_clear()
            .env("HOME", self.0.path())
            .envs(variables.iter().copied())
            .current_dir(self.0.path())
            .args(["clouds", "import", "--from", "smartdatacenter"])
            .args(["--farm", "farm.toml", "--no-check"])
            .args(options);
        let output = assert_cmd::Command::from_std(program)
            .timeout(Duration::from_secs(60))
            .output()
            .unwrap();
        let farm = std::fs::read_to_string(self.0.path().join("farm.toml")).unwrap_or_default();
        let farm: Value = toml::from_str(&farm).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (
            output.status.code().unwrap(),
            farm["cloud_farm"].clone(),
            said,
        )
    }
}

#[test]
fn a_profile_becomes_a_cloud_that_refers_to_its_key() {
    let home = Home::new();
    let (code, clouds, said) = home.import(&[], &["--cloud", "lab"]);
    assert_eq!(code, 0, "{said}");
    let file = home.0.path().join(".ssh/id_ed25519");
    let wanted = json!({"engine": "smartdatacenter", "user": "demo", "extra_params": {
        "url": "https://lab.example", "key_id": MD5, "key": {"file": file}, "sub_user": "bob"}});
    assert_eq!(clouds["lab"], wanted);
}

#[test]
fn every_profile_and_the_environment_become_clouds() {
    let home = Home::new();
    let (code, clouds, said) = home.import(&[], &["--all", "--copy-secrets"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(clouds["lab"]["extra_params"]["key"], KEY);
    assert_eq!(
        clouds["old"]["extra_params"]["http"]["insecure_skip_verify"],
        true
    );
    let variables = [
        ("SDC_URL", "https://env.example"),
        ("SDC_ACCOUNT", "me"),
        ("TRITON_ACCOUNT", "you"),
        ("SDC_KEY_ID", MD5),
    ];
    let (code, clouds, said) = home.import(&variables, &["--environment"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(clouds["env"]["user"], "you");
    assert_eq!(clouds["env"]["extra_params"]["url"], "https://env.example");
}

#[test]
fn what_cannot_be_imported_is_told() {
    let home = Home::new();
    home.write(".triton/profiles.d/bad.json", "{");
    home.write(
        ".triton/profiles.d/lost.json",
        &json!({"url": "https://x.example", "account": "me", "keyId": "aa:bb"}).to_string(),
    );
    for (options, words) in [
        (&[][..], "several profiles"),
        (&["--cloud", "nope"], "there is no profile"),
        (&["--cloud", "bad"], "no profile, at line 1"),
        (&["--cloud", "lost"], "no private key"),
        (&["--environment"], "no TRITON_ or SDC_ variables"),
        (&["--file", "nowhere.json"], "does not exist"),
    ] {
        let (code, _, said) = home.import(&[], options);
        assert_ne!(code, 0, "{options:?}: {said}");
        assert!(said.contains(words), "{options:?}: {said}");
    }
}
