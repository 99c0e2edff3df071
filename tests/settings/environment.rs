//! The farm under `CLOUDFARM__CLOUD_FARM__NAME__KEY`.

use cloudfarm::settings::Span;
use serde_json::json;

use crate::room::Room;

const FARM: &str = r#"
    [cloud_farm.lab]
    engine = "test"
    user = "file"
    password = "file"
    [cloud_farm.lab.extra_params]
    region = "file"

    [cloud_farm.my-lab]
    engine = "test"
    extra_params = { region = "file" }
"#;

fn farm() -> Room {
    Room::with_farm("farm.toml", FARM)
}

#[test]
fn secrets_from_the_environment_stay_as_they_are() {
    let room = farm().variable("CLOUDFARM__CLOUD_FARM__LAB__PASSWORD", "0123");
    assert_eq!(room.password("lab"), "0123");
    let room = farm().variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TOKEN", "true");
    assert_eq!(room.cloud("lab").extra_params["token"], "true");
}

#[test]
fn variables_are_read_as_the_type_that_the_engine_asks_for() {
    let lab = farm()
        .variable("CLOUDFARM__CLOUD_FARM__LAB__USER", "42")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TRIES", "3")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__SHARE", "0.5")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__VERIFY", "false")
        .variable(
            "CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__ZONES",
            r#"["a", "b"]"#,
        )
        .variable(
            "CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__AUTH__ACCOUNT",
            "007",
        )
        .variable("CLOUDFARM__CLOUD_FARM__LAB__LAYERS__ATTEMPTS", "9")
        .variable("CLOUDFARM__LAYERS__BREAKER_OPEN", "1s")
        .cloud("lab");
    assert_eq!(lab.user.unwrap(), "42");
    assert_eq!(
        json!(lab.extra_params),
        json!({
            "region": "file", "tries": 3, "share": 0.5, "verify": false, "zones": ["a", "b"],
            "auth": { "account": "007" },
        })
    );
    assert_eq!(lab.layers.attempts, 9);
    assert_eq!(lab.layers.breaker_open, Span::seconds(1));
}

#[test]
fn a_dash_in_a_name_is_an_underscore_in_a_variable() {
    let room = farm().variable("CLOUDFARM__CLOUD_FARM__MY_LAB__USER", "me");
    assert_eq!(room.problems(), "");
    assert_eq!(room.cloud("my-lab").user.unwrap(), "me");
}

#[test]
fn a_cloud_can_come_from_the_environment_alone() {
    let room = farm()
        .variable("CLOUDFARM__CLOUD_FARM__SHOP__ENGINE", "proof")
        .variable("CLOUDFARM__CLOUD_FARM__SHOP__EXTRA_PARAMS__REGION", "r");
    assert_eq!(room.cloud("shop").extra_params["region"], "r");
}

#[test]
fn a_mistyped_variable_shows() {
    let room = farm()
        .variable("CLOUDFARM__CLOUD_FARM__LABB__PASSWORD", "hunter2")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__PASWORD", "hunter2")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__REGOIN", "x")
        .variable("CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TRIES", "hunter2")
        .variable("CLOUDFARM__CLOUD_FARM__MY_LAB__USER", "a")
        .variable("CLOUDFARM__CLOUD_FARM__MY_LAB__USER__NAME", "b");
    assert_eq!(
        room.problems().lines().collect::<Vec<_>>(),
        [
            "environment: CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__REGOIN: unknown key; did you \
             mean CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__REGION?",
            "environment: CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__TRIES: must be a whole number \
             of 0 or more, and is text",
            "environment: CLOUDFARM__CLOUD_FARM__LAB__PASWORD: unknown key; did you mean \
             CLOUDFARM__CLOUD_FARM__LAB__PASSWORD?",
            "environment: CLOUDFARM__CLOUD_FARM__LABB__ENGINE: is missing: name the engine of the \
             cloud; did you mean the cloud \"lab\"?",
            "environment: CLOUDFARM__CLOUD_FARM__MY_LAB__USER__NAME: the variable without __NAME \
             is set too: unset one of them",
        ]
    );
}
