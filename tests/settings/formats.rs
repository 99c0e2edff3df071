//! The same farm in every format and case.

use cloudfarm::settings::{FarmSettings, LayerSettings};
use serde_json::{Value as Json, json};

use crate::engine::find;
use crate::room::Room;

const TOML: &str = r#"
    [cloud_farm.default]
    engine = "test"
    user = "me"
    password = "0123"
    [cloud_farm.default.extra_params]
    region = "r"
    tries = 3
    share = 0.5
    verify = true
    zones = ["a", "b"]
    labels = { Upper = "Case" }
    [cloud_farm.default.layers]
    rate_per_second = 5
"#;

const YAML: &str = r#"
cloud_farm:
  default:
    engine: test
    user: me
    password: "0123"
    extra_params:
      region: r
      tries: 3
      share: 0.5
      verify: true
      zones: [a, b]
      labels: {Upper: Case}
      endpoint: null
    layers:
      rate_per_second: 5
"#;

const JSON: &str = r#"{"cloud_farm": {"default": {
    "engine": "test", "user": "me", "password": "0123",
    "extra_params": {"region": "r", "tries": 3, "share": 0.5, "verify": true,
        "zones": ["a", "b"], "labels": {"Upper": "Case"}},
    "layers": {"rate_per_second": 5}}}}"#;

const UPPER_CASE: &str = r#"{"CLOUD_FARM": {"default": {
    "ENGINE": "TEST", "USER": "me", "PASSWORD": "0123",
    "EXTRA_PARAMS": {"region": "r", "tries": 3, "share": 0.5, "verify": true,
        "zones": ["a", "b"], "labels": {"Upper": "Case"}},
    "LAYERS": {"RATE_PER_SECOND": 5}}}}"#;

fn content(room: &Room) -> Json {
    assert_eq!(room.problems(), "");
    let cloud = room.cloud("default");
    json!({
        "user": cloud.user,
        "password": room.password("default"),
        "extra_params": cloud.extra_params,
        "layers": cloud.layers,
    })
}

#[test]
fn formats_and_cases_mean_the_same() {
    let expected = content(&Room::with_farm("farm.toml", TOML));
    assert_eq!(expected["extra_params"]["labels"]["Upper"], "Case");
    assert_eq!(expected["layers"]["rate_per_second"], 5.0);
    for (file, text) in [
        ("farm.yaml", YAML),
        ("farm.YML", YAML),
        ("farm.json", JSON),
        ("upper.json", UPPER_CASE),
    ] {
        assert_eq!(content(&Room::with_farm(file, text)), expected, "{file}");
    }
}

#[test]
fn a_key_in_both_cases_is_refused() {
    let room = Room::with_farm(
        "farm.json",
        r#"{"cloud_farm": {"lab": {"ENGINE": "test", "engine": "test", "EXTRA_PARAMS": {"region": ""}}}}"#,
    );
    assert_eq!(
        room.problems(),
        "farm.json: cloud_farm.lab.engine: is there twice, in upper and in lower case"
    );
}

#[test]
fn a_farm_that_cannot_be_read_stops_the_start() {
    for (file, text, expected) in [
        (
            "farm.toml",
            "[cloud_farm.lab]\nengine = 'test'\npassword = hunter2\n",
            "farm.toml: line 3, column 12: string values must be quoted, expected literal string",
        ),
        (
            "farm.toml",
            "[cloud_farm.lab]\npassword = \"hunter2\n",
            "farm.toml: line 2, column 20: invalid basic string, expected `\"`",
        ),
        (
            "farm.json",
            "{\"cloud_farm\": {\n\"lab\": {\"password\": \"hunter2}}}",
            "farm.json: line 2, column 31: EOF while parsing a string",
        ),
        (
            "farm.yaml",
            "cloud_farm:\n  lab:\n    password: hunter2: x\n",
            "farm.yaml: line 3, column 22: mapping values are not allowed in this context",
        ),
        ("farm.yaml", "hunter2", "farm.yaml: must be a table of keys"),
        (
            "farm.json",
            "[\"hunter2\"]",
            "farm.json: must be a table of keys",
        ),
        (
            "farm.ini",
            "",
            "farm.ini: the name of a farm file must end in .toml, .yaml, .yml or .json",
        ),
        (
            "farm.toml",
            "",
            "farm.toml: cloud_farm: is missing: each cloud is a table below it, as \
             [cloud_farm.default]",
        ),
        (
            "farm.toml",
            "cloud_farm = 'hunter2'",
            "farm.toml: cloud_farm: must be a table of clouds, and is text",
        ),
        (
            "farm.toml",
            "[cloud_frm.lab]\nengine = 'test'\n[cloud_farm.lab]\nengine = 'tset'",
            "farm.toml: cloud_frm: unknown key; did you mean \"cloud_farm\"?\n\
             farm.toml: cloud_farm.lab.engine: there is no engine \"tset\"; the engines are: test",
        ),
        (
            "farm.toml",
            "[server]\nlisten = 'x'\n[cloud_farm]\n",
            "farm.toml: server: unknown key; clouds are tables below cloud_farm, as \
             [cloud_farm.default]",
        ),
    ] {
        let room = Room::with_farm(file, text);
        assert!(room.load().is_err(), "{text}");
        assert_eq!(room.problems(), expected, "{text}");
    }
}

#[test]
fn files_that_are_asked_for_must_be_there() {
    let room = Room::empty().variable("CLOUD_FARM", "no/such/farm.toml");
    assert_eq!(room.problems(), "no/such/farm.toml: there is no such file");

    let room = Room::empty().variable("CLOUDFARM_ENV", "staging");
    assert_eq!(
        room.settings().unwrap_err(),
        "staging.toml: there is no such file, and CLOUDFARM_ENV asks for it"
    );

    let room = Room::empty().variable("CLOUDFARM_ENV", "../staging");
    assert_eq!(
        room.settings().unwrap_err(),
        "environment: CLOUDFARM_ENV: must be a name of letters, digits, - and _"
    );

    let sources = Room::empty()
        .sources()
        .with_directory(Some("no/such/place".into()));
    assert_eq!(
        cloudfarm::settings::Settings::load(&sources)
            .unwrap_err()
            .to_string(),
        "no/such/place: there is no such directory"
    );
}

#[test]
fn the_farm_file_is_found_where_it_is_named() {
    let farm = |user: &str| {
        format!(
            "[cloud_farm.lab]\nengine = 'test'\nuser = '{user}'\nextra_params = {{ region = '' }}\n"
        )
    };
    let room = Room::empty()
        .file("cloud_farm.toml", &farm("directory"))
        .file("other.toml", &farm("variable"))
        .file("third.toml", &farm("argument"));
    let user = |sources| {
        let loaded = FarmSettings::load(&sources, &LayerSettings::default(), &find).unwrap();
        let cloud = loaded.farm.clouds.into_iter().next().unwrap();
        cloud.settings.unwrap().user.unwrap()
    };
    assert_eq!(user(room.sources()), "directory");
    let other = room.path("other.toml");
    let room = room.variable("CLOUD_FARM", other.to_str().unwrap());
    assert_eq!(user(room.sources()), "variable");
    let third = room.path("third.toml");
    assert_eq!(user(room.sources().with_farm(Some(third))), "argument");
}
