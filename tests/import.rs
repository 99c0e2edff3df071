//! `cloudfarm clouds import`: the real program in directories of its own.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const CLOUDS: &str = "
keystone: &keystone
  auth_url: http://127.0.0.1:PORT/v3
  user_domain_id: default
clouds:
  My Lab:
    auth: {<<: *keystone, username: demo, project_name: demo}
    region_name: RegionOne
  prod:
    auth: {<<: *keystone, username: me, password: pr0d-s3cret, project_name: p}
    regions: [east, west]
  odd:
    auth_type: v3kerberos
    auth: {<<: *keystone}
";
const SECRETS: &str = "clouds: {My Lab: {auth: {password: l4b-s3cret}}}\n";
const FARM: &str = "# ours\n[cloud_farm.default] # the first\nengine = 'dummy'\n";

/// A directory with a `clouds.yaml` and a farm file. Nobody listens at the clouds.
struct Place(TempDir);

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let place = Self(tempfile::tempdir().unwrap());
        place.write("clouds.yaml", &CLOUDS.replace("PORT", &port.to_string()));
        place.write("secure.yaml", SECRETS);
        place.write("farm.toml", FARM);
        place
    }

    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn farm(&self) -> String {
        std::fs::read_to_string(self.path("farm.toml")).unwrap()
    }

    fn entries(&self) -> Value {
        let farm: Value = toml::from_str(&self.farm()).unwrap();
        farm["cloud_farm"].clone()
    }

    /// `clouds import` with these options, in an environment of these variables alone.
    fn import(&self, variables: &[(&str, &str)], options: &[&str]) -> Run {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cloudfarm"));
        program
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_DIRS", self.path("etc"))
            .envs(variables.iter().copied())
            .current_dir(self.0.path())
            .args(["clouds", "import"])
            .args(options);
        let output = assert_cmd::Command::from_std(program)
            .timeout(Duration::from_secs(60))
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same into the farm file, without asking the clouds.
    fn write_only(&self, options: &[&str]) -> Run {
        let options = [&["--farm", "farm.toml", "--no-check"], options].concat();
        self.import(&[], &options)
    }
}

impl Run {
    #[track_caller]
    fn ends(self, code: i32, says: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        for text in says {
            assert!(
                self.stderr.contains(text),
                "{text:?} is not in {}",
                self.stderr
            );
        }
        for secret in ["s3cret", "pa55"] {
            assert!(!format!("{}{}", self.stdout, self.stderr).contains(secret));
        }
        self
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_cloud_becomes_a_reference_and_the_rest_of_the_farm_stays() {
    let place = Place::new();
    place
        .write_only(&["--cloud", "My Lab"])
        .ends(0, &["imported my-lab from cloud \"My Lab\""]);
    assert!(place.farm().starts_with(FARM), "{}", place.farm());
    let file = place.0.path().canonicalize().unwrap().join("clouds.yaml");
    let wanted = json!({"engine": "openstack",
        "extra_params": {"clouds_yaml": "My Lab", "clouds_file": file}});
    assert_eq!(place.entries()["my-lab"], wanted);
}

#[test]
fn a_cloud_with_regions_becomes_a_cloud_for_each() {
    let place = Place::new();
    let renamed = ["--cloud", "prod", "--rename", "prod-west=far"];
    place
        .write_only(&renamed)
        .ends(0, &["imported prod-east", "imported far"]);
    let entries = place.entries();
    assert_eq!(entries["prod-east"]["extra_params"]["region"], "east");
    assert_eq!(entries["far"]["extra_params"]["region"], "west");
}

#[test]
#[cfg(unix)]
fn secrets_are_copied_only_when_asked_and_into_a_file_of_ones_own() {
    let place = Place::new();
    let before = mode(&place.path("farm.toml"));
    place.write_only(&["--cloud", "prod"]).ends(0, &[]);
    assert_eq!(mode(&place.path("farm.toml")), before);
    assert!(!place.farm().contains("s3cret"));
    place
        .write_only(&["--cloud", "My Lab", "--copy-secrets"])
        .ends(0, &[]);
    assert_eq!(mode(&place.path("farm.toml")), 0o600);
    let lab = &place.entries()["my-lab"];
    assert_eq!(lab["password"], "l4b-s3cret");
    assert_eq!(lab["user"], "demo");
    assert_eq!(lab["extra_params"]["project"], "demo");
    assert_eq!(lab["extra_params"]["clouds_yaml"], Value::Null);
}

#[test]
fn a_dry_run_prints_and_changes_nothing() {
    let place = Place::new();
    let options = ["--cloud", "My Lab", "--dry-run", "--farm", "farm.toml"];
    let shown = place.import(&[], &options).ends(0, &[]).stdout;
    let read: Value = toml::from_str(&shown).unwrap();
    assert_eq!(
        read["cloud_farm"]["my-lab"]["extra_params"]["clouds_yaml"],
        "My Lab"
    );
    let options = ["--cloud", "My Lab", "--dry-run", "--copy-secrets"];
    let shown = place.import(&[], &options).ends(0, &[]).stdout;
    assert!(shown.contains("password = \"[secret]\""), "{shown}");
    assert_eq!(place.farm(), FARM);
}

#[test]
fn the_environment_is_imported_with_its_password_left_there() {
    let place = Place::empty();
    let variables = [
        ("OS_AUTH_URL", "https://keystone.example:5000/v3"),
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "pa55"),
        ("OS_TENANT_NAME", "demo"),
        ("OS_REGION_NAME", "RegionOne"),
    ];
    let options = [
        "--environment",
        "--rename",
        "envvars=lab",
        "--farm",
        "farm.toml",
        "--no-check",
    ];
    place
        .import(&variables, &options)
        .ends(0, &["imported lab from the environment"]);
    let wanted = json!({"engine": "openstack", "user": "demo",
        "password": {"env": "OS_PASSWORD"},
        "extra_params": {"auth_type": "password", "auth_url": "https://keystone.example:5000/v3",
            "project": "demo", "region": "RegionOne"}});
    assert_eq!(place.entries()["lab"], wanted);
    place
        .import(&[], &["--environment"])
        .ends(3, &["OS_ variables"]);
}

#[test]
fn what_is_there_is_not_overwritten() {
    let place = Place::new();
    place.write_only(&["--cloud", "My Lab"]).ends(0, &[]);
    let before = place.farm();
    let clash = ["has my-lab already", "--replace", "--rename"];
    place.write_only(&["--cloud", "My Lab"]).ends(4, &clash);
    let onto = ["--cloud", "My Lab", "--rename", "My Lab=default"];
    place.write_only(&onto).ends(4, &["has default already"]);
    assert_eq!(place.farm(), before);
    place
        .write_only(&["--cloud", "My Lab", "--copy-secrets", "--replace"])
        .ends(0, &[]);
    assert_eq!(place.entries()["my-lab"]["user"], "demo");
    assert_eq!(place.entries()["default"]["engine"], "dummy");
    let twice = ["--cloud", "prod", "--rename", "prod-west=prod-east"];
    place
        .write_only(&twice)
        .ends(4, &["would both be called \"prod-east\""]);
}

#[test]
fn the_clouds_are_asked_and_each_gets_a_line() {
    let place = Place::new();
    let options = [
        "--cloud",
        "My Lab",
        "--cloud",
        "prod",
        "--farm",
        "farm.toml",
        "-o",
        "json",
    ];
    let asked = place.import(&[], &options).ends(7, &["imported my-lab"]);
    let reports: Value = serde_json::from_str(&asked.stdout).unwrap();
    let names: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["cloud"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["my-lab", "prod-east", "prod-west"]);
    let detail = reports[0]["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("connection refused"), "{detail}");
}

#[test]
fn one_cloud_that_cannot_be_used_does_not_keep_the_others_out() {
    let place = Place::new();
    let told = [
        "auth_type \"v3kerberos\" is not supported",
        "imported my-lab",
    ];
    place.write_only(&["--all"]).ends(6, &told);
    assert_eq!(place.entries().as_object().unwrap().len(), 4);
    let alone = ["cloud \"odd\"", "hint: ", "v3applicationcredential"];
    place.write_only(&["--cloud", "odd"]).ends(2, &alone);
}

#[test]
fn what_is_wrong_is_told_with_what_would_be_right() {
    let place = Place::new();
    place
        .write_only(&["--cloud", "prd"])
        .ends(3, &["\"prd\"", "did you mean \"prod\"?", "My Lab"]);
    place
        .write_only(&[])
        .ends(2, &["--cloud NAME or --all", "My Lab, prod, odd"]);
    place
        .write_only(&["--file", "no.yaml", "--all"])
        .ends(3, &["looked for: no.yaml"]);
    place
        .write_only(&["--cloud", "prod", "--rename", "x=y"])
        .ends(2, &["prod-east, prod-west"]);
    place
        .write_only(&["--cloud", "prod", "--rename", "prod-east=A b"])
        .ends(2, &["\"a-b\" can"]);
    place
        .write_only(&["--from", "azure"])
        .ends(2, &["openstack"]);
    place
        .import(&[], &["--cloud", "prod", "--no-check"])
        .ends(2, &["--farm FILE"]);
    let yaml = ["--cloud", "prod", "--farm", "farm.yaml"];
    place.import(&[], &yaml).ends(2, &["TOML", "--dry-run"]);
    place.write("bad.yaml", "clouds:\n  a: [s3cret\n  b: 1\n");
    let bad = ["--file", "bad.yaml", "--all"];
    place
        .write_only(&bad)
        .ends(2, &["bad.yaml: line ", ", column ", "not YAML"]);
    place.write("none.yaml", "clouds: {}\n");
    place.write("secure.yaml", "clouds: {}\n");
    place
        .write_only(&["--file", "none.yaml"])
        .ends(3, &["there is no cloud in the file"]);
    place.write("farm.toml", "[cloud_farm\n");
    place
        .write_only(&["--cloud", "prod"])
        .ends(2, &["farm.toml: line 1, column "]);
    let nothing = Place::empty();
    let looked = [
        "there is no clouds.yaml",
        "looked for: ",
        ".config/openstack/clouds.yaml",
    ];
    nothing.import(&[], &["--dry-run"]).ends(3, &looked);
}
