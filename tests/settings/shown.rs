//! The effective settings as `settings show` prints them.

use serde_json::json;

use crate::room::Room;

fn room() -> Room {
    Room::with_farm(
        "farm.toml",
        r#"
        [cloud_farm.lab]
        engine = "test"
        user = "me"
        password = { env = "LAB_PASSWORD" }
        [cloud_farm.lab.extra_params]
        region = "r"
        token = "hunter2"
        labels = { "a b" = "c" }
        [cloud_farm.lab.layers]
        attempts = 2

        [cloud_farm.bad]
        engine = "test"
        "#,
    )
    .file("default.toml", "[log]\nlevel = 'debug'\n")
    .variable("CLOUDFARM__SERVER__WORKERS", "2")
    .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TRIES", "4")
    .variable("LAB_PASSWORD", "hunter2")
}

#[test]
fn each_value_says_where_it_came_from() {
    let room = room();
    let toml = room.shorten(&room.load().unwrap().shown.to_toml());
    for line in [
        "# problem: farm.toml: cloud_farm.bad.extra_params.region: is missing: must be text in quotes",
        "[server]",
        "listen = \"127.0.0.1:8080\"  # default",
        "workers = 2  # environment CLOUDFARM__SERVER__WORKERS",
        "[log]",
        "level = \"debug\"  # default.toml",
        "[cloud_farm.lab]",
        "engine = \"test\"  # farm.toml",
        "password = \"[secret]\"  # farm.toml, env LAB_PASSWORD",
        "[cloud_farm.lab.extra_params]",
        "token = \"[secret]\"  # farm.toml",
        "tries = 4  # environment CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TRIES",
        "[cloud_farm.lab.extra_params.labels]",
        "\"a b\" = \"c\"  # farm.toml",
        "[cloud_farm.lab.layers]",
        "attempts = 2  # farm.toml",
    ] {
        assert!(
            toml.lines().any(|shown| shown == line),
            "no {line:?} in:\n{toml}"
        );
    }
    assert!(toml.parse::<toml::Table>().is_ok(), "not TOML:\n{toml}");
}

#[test]
fn toml_and_json_hold_the_same() {
    let shown = room().load().unwrap().shown;
    let json = shown.to_json();
    let toml: toml::Table = shown.to_toml().parse().unwrap();
    assert_eq!(serde_json::to_value(toml).unwrap(), json["values"]);
    assert_eq!(
        json["values"]["cloud_farm"]["lab"]["extra_params"]["labels"],
        json!({ "a b": "c" })
    );
    assert_eq!(json["sources"]["server.listen"], "default");
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
}
