//! Files of the AWS tools, read as botocore reads them: `expected.json` is what it said
//! (`tests/clouds/eucalyptus/tools/aws_expected.py`).
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

use std::path::Path;

use cloudfarm_contract::ErrorKind;
use cloudfarm_eucalyptus::aws_files::{Profiles, Source, Variables};
use serde_json::{Map, Value, json};

const KEYS: &[&str] = &[
    "region",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "role_arn",
];

fn read(folder: &Path) -> Value {
    let config = folder.join("config");
    let credentials = folder.join("credentials");
    let loaded = Profiles::load(&Variables::new(), Some(&config), Some(&credentials));
    let Ok(profiles) = loaded else {
        return json!({"error": true});
    };
    let values = |name: &str| {
        let pairs = KEYS.iter().filter_map(|key| {
            let value = profiles.value(name, key)?;
            Some(((*key).to_owned(), Value::from(value)))
        });
        Value::Object(pairs.collect())
    };
    let names = profiles.names().into_iter();
    let all: Map<_, _> = names.map(|name| (name.to_owned(), values(name))).collect();
    Value::Object(all)
}

#[test]
fn files_are_read_as_botocore_reads_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws_files");
    let mut cases = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(read(&folder), expected, "{}", folder.display());
        cases += 1;
    }
    assert_eq!(cases, 9);
}

fn profiles(config: &str) -> Profiles {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, config).unwrap();
    Profiles::load(&Variables::new(), Some(&file), None).unwrap()
}

#[test]
fn what_cannot_be_used_says_why() {
    let read = profiles(
        "[profile keys]\naws_access_key_id=A\naws_secret_access_key=S\n\
         [profile half]\naws_access_key_id=A\n\
         [profile role]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=keys\n\
         [profile sso]\nsso_session=s\n\
         [profile none]\nregion=eu-west-1\n",
    );
    assert!(matches!(
        read.profile("keys").unwrap().source,
        Source::Keys(_)
    ));
    for (name, kind, says) in [
        ("half", ErrorKind::Invalid, "aws_secret_access_key"),
        (
            "role",
            ErrorKind::Unsupported,
            "export-credentials --profile role",
        ),
        (
            "sso",
            ErrorKind::Unsupported,
            "export-credentials --profile sso",
        ),
        ("none", ErrorKind::Invalid, "aws_access_key_id"),
        ("nobody", ErrorKind::NotFound, "half, keys, none, role, sso"),
    ] {
        let error = read.profile(name).unwrap_err();
        assert_eq!(error.kind, kind, "{name}");
        assert!(
            error.hint.as_deref().unwrap().contains(says),
            "{name}: {:?}",
            error.hint
        );
    }
}
