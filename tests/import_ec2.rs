//! `cloudfarm clouds import` of the files of the AWS tools, `eucarc` and `euca2ools.ini`: the real
//! program in directories of its own. What botocore makes of the same files is recorded beside them
//! (`tests/clouds/eucalyptus/tools/aws_expected.py`, which also compares).
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A home of its own.
struct Home(TempDir);

struct Imported {
    code: i32,
    /// The entries of the farm by name.
    clouds: Value,
    farm: String,
    said: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the files of a folder of `tests/import_aws`.
    fn of_aws(folder: &str) -> Self {
        let home = Self::new();
        for name in ["config", "credentials"] {
            let text = std::fs::read_to_string(recorded().join(folder).join(name)).unwrap();
            home.write(&format!(".aws/{name}"), &text);
        }
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn import(&self, from: &str, variables: &[(&str, &str)], options: &[&str]) -> Imported {
        let farm = self.0.path().join("farm.toml");
        if farm.exists() {
            std::fs::remove_file(&farm).unwrap();
        }
        let mut program = Command::new(env!("CARGO_BIN_EXE_cloudfarm"));
        program
            .env_clear()
            .env("HOME", self.0.path())
            .envs(variables.iter().copied())
            .current_dir(self.0.path())
            .args(["clouds", "import", "--from", from])
            .args(["--farm", "farm.toml", "--no-check"])
            .args(options);
        let output = assert_cmd::Command::from_std(program)
            .timeout(Duration::from_secs(60))
            .output()
            .unwrap();
        let farm = std::fs::read_to_string(&farm).unwrap_or_default();
        let entries: Value = toml::from_str(&farm).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("s3cret"), "{said}");
        Imported {
            code: output.status.code().unwrap(),
            clouds: entries["cloud_farm"].clone(),
            farm,
            said,
        }
    }
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import_aws")
}

fn read<T: serde::de::DeserializeOwned>(file: &str) -> T {
    let text = std::fs::read_to_string(recorded().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Where an entry asks, as botocore writes it.
fn url_of(parameters: &Value) -> String {
    let Some(host) = parameters["host"].as_str() else {
        let region = parameters["region"].as_str().unwrap();
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        return format!("https://ec2.{region}.amazonaws.com{suffix}");
    };
    let secure = parameters["secure"].as_bool().unwrap();
    let (scheme, usual) = if secure { ("https", 443) } else { ("http", 80) };
    let port = parameters["port"].as_u64().unwrap();
    let port = if port == usual {
        String::new()
    } else {
        format!(":{port}")
    };
    let path = parameters["path"].as_str().unwrap();
    format!("{scheme}://{host}{port}{path}")
}

/// What an entry holds, in the words of the recordings.
fn told(entry: &Value) -> Value {
    let parameters = &entry["extra_params"];
    json!({
        "access_key": entry["user"],
        "secret_key": entry["password"],
        "token": parameters["session_token"],
        "region": parameters["region"],
        "url": url_of(parameters),
        "ca_bundle": parameters["http"]["ca_file"],
    })
}

fn without_method(expected: &Value) -> Value {
    let mut expected = expected.clone();
    expected.as_object_mut().unwrap().remove("method");
    expected
}

#[test]
fn profiles_are_imported_as_botocore_reads_them() {
    for folder in ["keys", "endpoints", "fetched", "broken"] {
        let expected: BTreeMap<String, Value> = read(&format!("{folder}/expected.json"));
        let home = Home::of_aws(folder);
        for (name, expected) in expected {
            let what = format!("{folder}, profile {name}");
            let copied = home.import("aws", &[], &["--cloud", &name, "--copy-secrets"]);
            let is_usable = expected["error"].is_null() && !expected["region"].is_null();
            let method = expected["method"].as_str().unwrap_or_default();
            match method {
                "shared-credentials-file" | "config-file" if is_usable => {
                    assert_eq!(copied.code, 0, "{what}: {}", copied.said);
                    let entry = only(&copied.clouds);
                    assert_eq!(told(entry), without_method(&expected), "{what}");
                    assert_refers(&home, &name, entry);
                }
                "custom-process" => {
                    assert_eq!(copied.code, 0, "{what}: {}", copied.said);
                    let wanted = json!({"engine": "ec2", "extra_params": {
                        "profile": name, "region": expected["region"]}});
                    assert_eq!(only(&copied.clouds), &wanted, "{what}");
                }
                _ => {
                    assert_ne!(copied.code, 0, "{what}: {}", copied.farm);
                    assert!(copied.said.contains(&name), "{what}: {}", copied.said);
                    assert!(copied.said.contains("hint: "), "{what}: {}", copied.said);
                }
            }
        }
    }
}

fn only(clouds: &Value) -> &Value {
    let entries = clouds.as_object().unwrap();
    assert_eq!(entries.len(), 1, "{clouds}");
    entries.values().next().unwrap()
}

/// Without being asked for them, an import leaves secrets where they are.
fn assert_refers(home: &Home, name: &str, copied: &Value) {
    let referring = home.import("aws", &[], &["--cloud", name]);
    assert!(!referring.farm.contains("s3cret"), "{}", referring.farm);
    assert!(!referring.farm.contains("AKIA"), "{}", referring.farm);
    let entry = only(&referring.clouds);
    assert_eq!(entry["extra_params"]["profile"], name);
    assert_eq!(
        url_of(&entry["extra_params"]),
        url_of(&copied["extra_params"])
    );
}

#[test]
fn keys_that_have_to_be_fetched_are_refused_with_the_way_round() {
    let home = Home::of_aws("fetched");
    for (name, by) in [
        ("role", "a role"),
        ("role-of-role", "a role"),
        ("role-of-machine", "a role"),
        ("role-with-keys", "a role"),
        ("web", "a role"),
        ("sso", "single sign-on"),
        ("sso-old", "single sign-on"),
    ] {
        let refused = home.import("aws", &[], &["--cloud", name]);
        assert_ne!(refused.code, 0);
        for words in [
            format!("profile {name:?} gets its keys by {by}"),
            format!("credential_process = aws configure export-credentials --profile {name}"),
        ] {
            assert!(refused.said.contains(&words), "{words:?}: {}", refused.said);
        }
    }
    let all = home.import("aws", &[], &["--all"]);
    assert_eq!(all.code, 6, "{}", all.said);
    let names: Vec<&String> = all.clouds.as_object().unwrap().keys().collect();
    let usable = ["base", "keys-before-process", "process", "process-and-keys"];
    assert_eq!(names, usable, "the others do not keep these out");
}

#[test]
fn the_environment_is_imported_as_botocore_reads_it() {
    let variables: Vec<BTreeMap<String, String>> = read("environment.json");
    let expected: Vec<Value> = read("environment-expected.json");
    assert_eq!(variables.len(), expected.len());
    let home = Home::new();
    for (variables, expected) in variables.iter().zip(expected) {
        let pairs: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let copied = home.import("aws", &pairs, &["--environment", "--copy-secrets"]);
        assert_eq!(copied.code, 0, "{}", copied.said);
        assert_eq!(told(only(&copied.clouds)), without_method(&expected));
        let referring = home.import("aws", &pairs, &["--environment"]);
        assert!(!referring.farm.contains("s3cret"), "{}", referring.farm);
        let secret = json!({"env": "AWS_SECRET_ACCESS_KEY"});
        assert_eq!(only(&referring.clouds)["password"], secret);
    }
    let nothing = home.import("aws", &[], &["--environment"]);
    assert_eq!(nothing.code, 3, "{}", nothing.said);
    assert!(nothing.said.contains("AWS_ACCESS_KEY_ID is not set"));
}

const EUCARC: &str = r#"EUCA_KEY_DIR=$(cd $(dirname ${BASH_SOURCE:-$0}); pwd -P)
export EC2_URL=http://10.111.1.1:8773/services/compute
export S3_URL=http://10.111.1.1:8773/services/objectstorage
export EC2_PRIVATE_KEY=${EUCA_KEY_DIR}/euca2-admin-1f2e-pk.pem
export EC2_JVM_ARGS=-Djavax.net.ssl.trustStore=${EUCA_KEY_DIR}/jssecacerts
export EC2_USER_ID="000000000123"
export EC2_ACCESS_KEY='AKIEXAMPLE'
export EC2_SECRET_KEY="s3cret/with=\$odd'words"; # the secret
export AWS_CREDENTIAL_FILE=${EUCA_KEY_DIR}/iamrc
alias ec2-upload-bundle="ec2-upload-bundle -a ${EC2_ACCESS_KEY}"
"#;

/// What a shell has that sources the file.
fn sourced(home: &Home, name: &str) -> String {
    let script = format!(". ./eucarc; printf %s \"${name}\"");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .current_dir(home.0.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_eucarc_is_imported_as_a_shell_reads_it() {
    let home = Home::new();
    home.write("eucarc", EUCARC);
    let copied = home.import("eucarc", &[], &["--file", "eucarc", "--copy-secrets"]);
    assert_eq!(copied.code, 0, "{}", copied.said);
    let wanted = json!({"engine": "eucalyptus", "user": sourced(&home, "EC2_ACCESS_KEY"),
        "password": sourced(&home, "EC2_SECRET_KEY"),
        "extra_params": {"host": "10.111.1.1", "port": 8773, "path": "/services/compute",
            "secure": false}});
    assert_eq!(copied.clouds["eucalyptus"], wanted);
    assert_eq!(url_of(&wanted["extra_params"]), sourced(&home, "EC2_URL"));

    // There is nothing to refer to but what a shell has sourced.
    let alone = home.import("eucarc", &[], &["--file", "eucarc"]);
    assert_ne!(alone.code, 0);
    assert!(alone.said.contains("--copy-secrets"), "{}", alone.said);
    let names = ["EC2_URL", "EC2_ACCESS_KEY", "EC2_SECRET_KEY"];
    let values = names.map(|name| sourced(&home, name));
    let variables: Vec<(&str, &str)> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    let referring = home.import("eucarc", &variables, &["--environment"]);
    assert_eq!(referring.code, 0, "{}", referring.said);
    let entry = &referring.clouds["eucalyptus"];
    assert_eq!(entry["password"], json!({"env": "EC2_SECRET_KEY"}));
}

const EUCA2OOLS: &str = "\
[global]
default-region = lab

[user admin]
key-id = AKIADMIN
secret-key = adm1n-s3cret

[user guest]
key-id = AKIGUEST
secret-key = gu3st-s3cret

[region lab]
user = admin
ec2-url = https://ec2.lab.example:8773/
iam-url = https://iam.lab.example:8773/
verify-ssl = false

[region old]
user = guest
ec2-url = http://10.0.0.5:8773/services/Eucalyptus
ssl-ca-file = /etc/ssl/old.pem

[region keyless]
user = nobody
ec2-url = http://10.0.0.6:8773/services/compute
";

#[test]
fn regions_of_euca2ools_become_clouds() {
    let home = Home::new();
    home.write(".euca/euca2ools.ini", EUCA2OOLS);
    let default = home.import("euca2ools", &[], &["--copy-secrets"]);
    assert_eq!(default.code, 0, "{}", default.said);
    let lab = json!({"engine": "eucalyptus", "user": "AKIADMIN", "password": "adm1n-s3cret",
        "extra_params": {"host": "ec2.lab.example", "port": 8773, "path": "/", "secure": true,
            "http": {"insecure_skip_verify": true}}});
    assert_eq!(default.clouds, json!({ "lab": lab }));

    let options = ["--all", "--copy-secrets"];
    let all = home.import("euca2ools", &[], &options);
    assert_eq!(all.code, 6, "{}", all.said);
    assert!(all.said.contains("user \"nobody\""), "{}", all.said);
    let old = json!({"engine": "eucalyptus", "user": "AKIGUEST", "password": "gu3st-s3cret",
        "extra_params": {"host": "10.0.0.5", "port": 8773, "path": "/services/Eucalyptus",
            "secure": false, "http": {"ca_file": "/etc/ssl/old.pem"}}});
    assert_eq!(all.clouds, json!({ "lab": lab, "old": old }));

    let options = ["--cloud", "guest@lab", "--copy-secrets"];
    let guest = home.import("euca2ools", &[], &options);
    assert_eq!(only(&guest.clouds)["user"], "AKIGUEST", "{}", guest.said);

    let unknown = home.import("euca2ools", &[], &["--cloud", "nowhere"]);
    assert_eq!(unknown.code, 3);
    assert!(
        unknown.said.contains("keyless, lab, old"),
        "{}",
        unknown.said
    );
}
