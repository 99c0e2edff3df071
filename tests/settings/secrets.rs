//! References to secrets, and that no secret gets out.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::room::Room;

/// A cloud whose password is written as `password`.
fn lab(password: &str) -> Room {
    Room::with_farm(
        "farm.toml",
        &format!(
            "[cloud_farm.lab]\nengine = 'test'\nextra_params = {{ region = 'r' }}\npassword = {password}\n"
        ),
    )
}

fn password(room: &Room) -> String {
    assert_eq!(room.problems(), "");
    room.password("lab")
}

#[test]
fn a_secret_is_text_or_a_reference() {
    assert_eq!(password(&lab("'plain'")), "plain");
    let room = lab("{ env = 'LAB_PASSWORD' }").variable("LAB_PASSWORD", " 0123\n");
    assert_eq!(password(&room), " 0123\n");
    let room = lab("{ file = 'secret' }").file("secret", "from a file\r\n");
    assert_eq!(password(&room), "from a file");
    let room = lab("{ FILE = 'secret' }").file("secret", "two\nlines\n\n");
    assert_eq!(password(&room), "two\nlines\n");
    let room = lab("{ command = 'cat secret | tr a-z A-Z' }").file("secret", "shell\n");
    assert_eq!(password(&room), "SHELL");
}

#[test]
fn a_reference_in_the_environment_goes_before_the_file() {
    for written in [
        "'plain'",
        "{ env = 'NOT_SET' }",
        "{ file = 'no-such-file' }",
    ] {
        let room = lab(written)
            .variable("CLOUDFARM__CLOUD_FARM__LAB__PASSWORD__FILE", "mounted")
            .file("mounted", "from the environment");
        assert_eq!(password(&room), "from the environment", "{written}");
    }
}

#[test]
fn secrets_are_found_wherever_the_schema_has_one() {
    let room = Room::with_farm(
        "farm.toml",
        r#"
        [cloud_farm.lab]
        engine = "test"
        [cloud_farm.lab.extra_params]
        region = "r"
        token = { env = "TOKEN" }
        auth = { account = "me", key = { file = "key" } }
        keys = [{ id = "1", secret = "plain" }, { id = "2", secret = { command = "echo second" } }]
        "#,
    )
    .variable("TOKEN", "0x1")
    .file("key", "k\n");
    assert_eq!(room.problems(), "");
    assert_eq!(
        json!(room.cloud("lab").extra_params),
        json!({
            "region": "r",
            "token": "0x1",
            "auth": { "account": "me", "key": "k" },
            "keys": [{ "id": "1", "secret": "plain" }, { "id": "2", "secret": "second" }],
        })
    );
}

#[test]
fn what_is_wrong_with_a_reference_is_said() {
    for (written, expected) in [
        (
            "{ env = 'NOT_SET' }",
            "the environment variable NOT_SET is not set, or empty",
        ),
        (
            "{ file = 'no-such-file' }",
            "the file that it refers to does not exist (file \"no-such-file\")",
        ),
        (
            "{ file = '.' }",
            "the file that it refers to is a directory (file \".\")",
        ),
        (
            "{ file = 'empty' }",
            "the file that it refers to is empty (file \"empty\")",
        ),
        (
            "{ file = '/dev/zero' }",
            "the file that it refers to is larger than 64 KiB (file \"/dev/zero\")",
        ),
        (
            "{ command = 'echo hunter2; echo hunter2 >&2; exit 3' }",
            "the command that it refers to failed with exit status: 3; run it by hand to see why",
        ),
        (
            "{ command = 'no-such-command hunter2' }",
            "the command that it refers to failed with exit status: 127; run it by hand to see why",
        ),
        (
            "{ command = 'true' }",
            "what the command that it refers to prints is empty",
        ),
        (
            "{ command = 'cat' }",
            "what the command that it refers to prints is empty",
        ),
        (
            "{ command = 'yes hunter2' }",
            "the command that it refers to prints more than 64 KiB; run it by hand to see why",
        ),
        (
            r"{ command = 'printf \\377' }",
            "what the command that it refers to prints is not UTF-8 text",
        ),
        (
            "{ env = 'A', file = 'b' }",
            "must refer to exactly one of env, file and command",
        ),
        ("{}", "must refer to exactly one of env, file and command"),
        ("{ env = '' }", "env must not be empty"),
        ("{ env = 7 }", "env must be text in quotes"),
        (
            "{ comand = 'hunter2' }",
            "a secret refers to one of env, file and command, and not to another key; did you \
             mean \"command\"?",
        ),
        (
            "['hunter2']",
            "must be text in quotes, or { env = \"...\" }, { file = \"...\" } or { command = \
             \"...\" }, and is a list",
        ),
    ] {
        let room = lab(written).file("empty", "\n");
        assert_eq!(
            room.problems(),
            format!("farm.toml: cloud_farm.lab.password: {expected}"),
            "{written}"
        );
        let error = room.error("lab");
        assert_eq!(error.field().unwrap(), "password");
        assert!(
            !error.message().contains('/'),
            "{error} tells a path of the host"
        );
    }
}

#[test]
fn commands_that_hang_are_ended_and_hold_nobody_up_twice() {
    // One after the other they would take 40 s.
    const LIMIT: Duration = Duration::from_secs(30);
    let mut farm = String::new();
    for number in 0..4 {
        farm.push_str(&format!(
            "[cloud_farm.lab{number}]\nengine = 'test'\nextra_params = {{ region = 'r' }}\n\
             password = {{ command = 'sleep 600 & echo $! > pid{number}; wait' }}\n"
        ));
    }
    let room = Room::with_farm("farm.toml", &farm);
    let started = Instant::now();
    let problems = room.problems();
    assert!(started.elapsed() < LIMIT);
    for number in 0..4 {
        let expected = format!(
            "farm.toml: cloud_farm.lab{number}.password: the command that it refers to did not \
             end within 10 s; run it by hand to see why"
        );
        assert!(problems.contains(&expected), "{problems}");
        let child = std::fs::read_to_string(room.path(&format!("pid{number}"))).unwrap();
        while runs(child.trim()) {
            assert!(started.elapsed() < LIMIT, "{child} still runs");
            std::thread::yield_now();
        }
    }
}

/// Whether a process does more than wait for its parent to take note of its end.
fn runs(process: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn references_are_resolved_again_at_a_reload() {
    let room = lab("{ file = 'secret' }").file("secret", "old");
    assert_eq!(password(&room), "old");
    let room = room.file("secret", "new");
    assert_eq!(password(&room), "new");
}

/// Every place where a secret can stand, right and wrong.
#[test]
fn no_secret_gets_out() {
    const CANARY: &str = "canary-1f9d";
    let farm = format!(
        r#"
        [cloud_farm.right]
        engine = "test"
        password = "{CANARY}"
        [cloud_farm.right.extra_params]
        region = "r"
        token = "{CANARY}"
        auth = {{ key = {{ env = "KEY" }} }}
        keys = [{{ id = "1", secret = "{CANARY}" }}, {{ id = "2", secret = {{ file = "key" }} }}]

        [cloud_farm.ran]
        engine = "test"
        password = {{ command = "echo {CANARY}" }}
        extra_params = {{ region = "r" }}

        [cloud_farm.wrong]
        engine = "test"
        pasword = "{CANARY}"
        password = ["{CANARY}"]
        layers = {{ retry_pause = "{CANARY}", attempts = "{CANARY}" }}
        [cloud_farm.wrong.extra_params]
        tokn = "{CANARY}"
        token = {{ comand = "{CANARY}" }}
        tries = "{CANARY}"
        interface = "{CANARY}"
        auth = "{CANARY}"
        keys = [{{ id = "1", secret = 7, sekret = "{CANARY}" }}]

        [cloud_farm.failed]
        engine = "test"
        password = {{ command = "echo {CANARY}; exit 1" }}
        extra_params = {{ region = "r" }}

        [cloud_farm.unknown]
        engine = "nothing"
        password = "{CANARY}"
        extra_params = {{ token = "{CANARY}" }}
        "#
    );
    let room = Room::with_farm("farm.toml", &farm)
        .file("key", CANARY)
        .variable("KEY", CANARY)
        .variable("CLOUDFARM__CLOUD_FARM__RIGHT__EXTRA_PARAMS__TOKEN", CANARY)
        .variable("CLOUDFARM__CLOUD_FARM__WRONG__EXTRA_PARAMS__VERIFY", CANARY);
    let loaded = room.load().unwrap();
    assert_eq!(room.password("right"), CANARY);
    assert_eq!(room.password("ran"), CANARY);
    let mut texts = vec![
        format!("{loaded:?}"),
        format!("{:?}", room.sources()),
        format!("{}", loaded.problems),
        loaded.shown.to_toml(),
        loaded.shown.to_json().to_string(),
    ];
    for cloud in &loaded.farm.clouds {
        if let Err(error) = &cloud.settings {
            texts.push(format!("{error} {error:?}"));
        }
    }
    for text in texts {
        assert!(!text.contains(CANARY), "a secret is in: {text}");
    }
    let server = room.variable("CLOUDFARM__SERVER__LISTEN", CANARY);
    let server = server.variable("CLOUDFARM__LOG__FORMAT", CANARY);
    let problems = server.problems();
    assert!(problems.contains("CLOUDFARM__LOG__FORMAT"), "{problems}");
    assert!(!problems.contains(CANARY), "a secret is in: {problems}");
}
