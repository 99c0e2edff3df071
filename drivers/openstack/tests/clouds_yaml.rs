//! Reads `clouds.yaml` as openstacksdk's loader does: its results are beside the files, and
//! `tests/clouds/openstack/clouds_yaml/expect` makes them.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::{Path, PathBuf};

use cloudfarm_openstack::clouds_yaml::{CloudsYaml, Places, ReadError, Variables};
use serde_json::{Map, Value, json};

const FILES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/clouds/openstack/clouds_yaml"
);
/// What openstacksdk itself looks at, of the settings that matter here.
const KEYS: [&str; 10] = [
    "api_timeout",
    "auth",
    "auth_type",
    "cacert",
    "cert",
    "insecure",
    "interface",
    "key",
    "region_name",
    "verify",
];
const ENDINGS: [&str; 4] = [
    "_endpoint",
    "_endpoint_override",
    "_api_version",
    "_default_microversion",
];

/// Where openstacksdk is wrong, a token below `auth` becomes the text `None`; and where it takes any
/// quoted word for true, the word is meant as it stands.
const DIFFERENT: [(&str, &str); 2] = [("with_secrets", "only-secure"), ("tls", "quoted-word")];

/// A case by itself in a directory, where the files have the names that are looked for.
fn load(case: &str, directory: &Path) -> Result<CloudsYaml, ReadError> {
    let copy = |from: &str, to: &str| {
        let from = format!("{FILES}/{case}{from}");
        if Path::new(&from).exists() {
            std::fs::copy(from, directory.join(to)).unwrap();
        }
    };
    copy(".yaml", "clouds.yaml");
    copy(".secure.yaml", "secure.yaml");
    copy(".public.yaml", "clouds-public.yaml");
    let lines = std::fs::read_to_string(format!("{FILES}/{case}.env")).unwrap_or_default();
    let variables: Variables = lines
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    CloudsYaml::load(Places::of(variables, Some(directory.to_owned())))
}

fn of_interest(tree: &Map<String, Value>) -> Value {
    let matters =
        |key: &str| KEYS.contains(&key) || ENDINGS.iter().any(|ending| key.ends_with(ending));
    tree.iter()
        .filter(|(key, value)| matters(key) && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn ours(files: &CloudsYaml, cloud: &str) -> Vec<Value> {
    let regions = files.regions(cloud).unwrap();
    let regions: Vec<Option<&str>> = match regions.is_empty() {
        true => vec![None],
        false => regions.iter().map(String::as_str).map(Some).collect(),
    };
    let read = |region| match files.cloud(cloud, region) {
        Ok(settings) => of_interest(settings.tree()),
        Err(_) => json!("refused"),
    };
    regions.into_iter().map(read).collect()
}

fn cases() -> Vec<(String, Value)> {
    let mut cases: Vec<(String, Value)> = std::fs::read_dir(FILES)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let case = name.strip_suffix(".expected.json")?.to_owned();
            let text = std::fs::read_to_string(PathBuf::from(FILES).join(name)).unwrap();
            Some((case, serde_json::from_str(&text).unwrap()))
        })
        .collect();
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    cases
}

#[test]
fn every_file_is_read_as_openstacksdk_reads_it() {
    let cases = cases();
    assert!(cases.len() >= 12, "{}", cases.len());
    for (case, theirs) in cases {
        let directory = tempfile::tempdir().unwrap();
        let files = match (load(&case, directory.path()), theirs.get("error")) {
            (Ok(files), None) => files,
            (Err(_), Some(_)) => continue,
            (read, error) => panic!("{case}: {read:?}, where openstacksdk has {error:?}"),
        };
        assert_eq!(files.default_cloud(), theirs["default"].as_str(), "{case}");
        let clouds = theirs["clouds"].as_object().unwrap();
        let names: Vec<&str> = clouds.keys().map(String::as_str).collect();
        assert_eq!(files.names().collect::<Vec<_>>(), names, "{case}");
        for (cloud, regions) in clouds {
            if DIFFERENT.contains(&(&case, cloud)) {
                continue;
            }
            let theirs: Vec<Value> = regions
                .as_array()
                .unwrap()
                .iter()
                .map(|region| match region.get("error") {
                    Some(_) => json!("refused"),
                    None => region.clone(),
                })
                .collect();
            assert_eq!(ours(&files, cloud), theirs, "{case}: {cloud}");
        }
    }
}

fn access(case: &str, cloud: &str) -> Result<Value, ReadError> {
    let directory = tempfile::tempdir().unwrap();
    let access = load(case, directory.path())?.cloud(cloud, None)?.access()?;
    let password = access.password.map(|secret| secret.expose().to_owned());
    Ok(json!({"user": access.user, "password": password, "parameters": access.parameters}))
}

#[test]
fn a_token_below_auth_is_that_token() {
    let read = access("with_secrets", "only-secure").unwrap();
    assert_eq!(read["parameters"]["token"], "abc");
}

#[test]
fn settings_become_parameters_of_the_engine() {
    let read = |case: &str, cloud: &str| access(case, cloud).unwrap();
    assert_eq!(
        read("password", "demo"),
        json!({"user": "demo", "password": "hunter2", "parameters": {
            "auth_type": "password", "auth_url": "https://keystone.example:5000/v3",
            "user_domain": "Default", "project": "demo", "project_domain": "Default",
            "region": "RegionOne", "interface": "internal"
        }})
    );
    assert_eq!(
        read("application_credential", "by-id")["parameters"],
        json!({
            "auth_type": "application_credential", "auth_url": "https://keystone.example/v3",
            "application_credential_id": "6cb5fa6a13184e6fab65ba2108adf50c",
            "application_credential_secret": "glance-secret", "region": "RegionOne"
        })
    );
    assert_eq!(
        read("tenants", "version-two")["parameters"]["project"],
        "anvil"
    );
    assert_eq!(
        read("domains", "default")["parameters"]["project_domain_id"],
        "d9"
    );
    assert_eq!(
        read("tls", "private-ca")["parameters"]["http"],
        json!({
            "ca_file": "/etc/ssl/private-ca.pem", "ca_only": true,
            "client_cert_file": "/etc/ssl/me.pem", "client_key_file": "/etc/ssl/me.key"
        })
    );
    for cloud in [
        "unverified",
        "insecure",
        "insecure-word",
        "yaml-one-one",
        "quoted-word",
    ] {
        let http = &read("tls", cloud)["parameters"]["http"];
        assert_eq!(*http, json!({"insecure_skip_verify": true}), "{cloud}");
    }
    assert_eq!(
        read("tls", "not-insecure")["parameters"]["http"],
        Value::Null
    );
    let all = &read("endpoints", "all")["parameters"];
    assert_eq!(
        all["endpoints"],
        json!({
            "compute": "https://nova.example/v2.1", "image": "https://glance.example",
            "network": "https://neutron.example", "volume": "https://cinder.example/v3"
        })
    );
    assert_eq!(all["compute_api_version"], "2.53");
    assert_eq!(all["http"]["timeout"], "30s");
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let error = access("errors", "unknown-type").unwrap_err();
    assert_eq!(error.to_string(), "auth_type \"v9magic\" is not supported");
    assert!(
        error.hint().unwrap().contains("v3applicationcredential"),
        "{error:?}"
    );
    let error = access("errors", "two-ways").unwrap_err();
    assert_eq!(
        error.hint(),
        Some("auth_type \"v3applicationcredential\" does")
    );
    let error = access("errors", "no-address").unwrap_err();
    assert!(
        error.to_string().starts_with("auth.auth_url is missing"),
        "{error}"
    );
    let error = access("errors", "no-adress").unwrap_err();
    assert!(
        error
            .hint()
            .unwrap()
            .contains("did you mean \"no-address\"?"),
        "{error:?}"
    );
}
