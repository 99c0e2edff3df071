//! Bad settings, and exactly what is said about them.

use crate::room::Room;

#[track_caller]
fn assert_problems(room: &Room, expected: &[&str]) {
    let problems = room.problems();
    let found: Vec<&str> = problems.lines().collect();
    assert_eq!(found, expected, "\nfound:\n{problems}\n");
}

#[test]
fn all_problems_of_a_farm_are_told_at_once() {
    let room = Room::with_farm(
        "cloud_farm.toml",
        r#"
        [cloud_farm.default]
        engine = "test"
        extra_params = { region = "a" }

        [cloud_farm.lab]
        engine = "test"
        pasword = "hunter2"
        user = 7
        [cloud_farm.lab.extra_params]
        regoin = "b"
        tries = "many"
        share = 1.5
        verify = "yes"
        interface = "publik"
        zones = "a"
        auth = { acount = "me", key = 7 }
        keys = [{ id = "1" }]
        labels = { a = 1 }
        endpoint = { env = "X" }
        [cloud_farm.lab.layers]
        attempts = 0
        rate_per_seconds = 5
        retry_pause = "soon"

        [cloud_farm.shop]
        engine = "tset"

        [cloud_farm.bare]

        [cloud_farm.Wrong]
        engine = "test"
        extra_params = { region = "c" }
        "#,
    );
    assert_problems(
        &room,
        &[
            "cloud_farm.toml: cloud_farm.Wrong: the name of a cloud must begin with a letter from \
             a to z, have no other characters than a-z, 0-9, _ and -, and be no longer than 63",
            "cloud_farm.toml: cloud_farm.bare.engine: is missing: name the engine of the cloud",
            r#"cloud_farm.toml: cloud_farm.lab.extra_params.auth.acount: unknown key; did you mean "account"?"#,
            r#"cloud_farm.toml: cloud_farm.lab.extra_params.auth.key: must be text in quotes, or { env = "..." }, { file = "..." } or { command = "..." }, and is a whole number"#,
            "cloud_farm.toml: cloud_farm.lab.extra_params.endpoint: must be text in quotes, and is a table; \
             only secrets may refer to something; the variable \
             CLOUDFARM__CLOUD_FARM__LAB__EXTRA_PARAMS__ENDPOINT overrides any value",
            r#"cloud_farm.toml: cloud_farm.lab.extra_params.interface: must be "public" or "internal""#,
            r#"cloud_farm.toml: cloud_farm.lab.extra_params.keys.0.secret: is missing: must be text in quotes, or { env = "..." }, { file = "..." } or { command = "..." }"#,
            "cloud_farm.toml: cloud_farm.lab.extra_params.labels.a: must be text in quotes, and is a whole number",
            "cloud_farm.toml: cloud_farm.lab.extra_params.region: is missing: must be text in quotes",
            r#"cloud_farm.toml: cloud_farm.lab.extra_params.regoin: unknown key; did you mean "region"?"#,
            "cloud_farm.toml: cloud_farm.lab.extra_params.share: must be a number from 0 to 1",
            "cloud_farm.toml: cloud_farm.lab.extra_params.tries: must be a whole number of 0 or more, and is text",
            "cloud_farm.toml: cloud_farm.lab.extra_params.verify: must be true or false, and is text",
            "cloud_farm.toml: cloud_farm.lab.extra_params.zones: must be a list, and is text",
            "cloud_farm.toml: cloud_farm.lab.layers.attempts: must be 1 or more",
            r#"cloud_farm.toml: cloud_farm.lab.layers.rate_per_seconds: unknown key; did you mean "rate_per_second"?"#,
            "cloud_farm.toml: cloud_farm.lab.layers.retry_pause: is not a duration: write it as \
             30s, 1m 30s or 250ms; the default is \"200ms\"",
            r#"cloud_farm.toml: cloud_farm.lab.pasword: unknown key; did you mean "password"?"#,
            "cloud_farm.toml: cloud_farm.lab.user: must be text in quotes, and is a whole number",
            r#"cloud_farm.toml: cloud_farm.shop.engine: there is no engine "tset"; the engines are: test"#,
        ],
    );
    // The one that is right serves.
    assert_eq!(room.cloud("default").extra_params["region"], "a");
}

#[test]
fn the_error_of_a_cloud_names_field_and_hint() {
    let room = Room::with_farm(
        "farm.toml",
        "[cloud_farm.lab]\nengine = 'test'\nextra_params = { region = 'a', regoin = 'b' }\n",
    );
    let error = room.error("lab");
    assert_eq!(error.message(), "extra_params.regoin: unknown key");
    assert_eq!(error.field().unwrap(), "extra_params.regoin");
    assert_eq!(error.hint(), Some(r#"did you mean "region"?"#));
}

#[test]
fn all_problems_of_the_server_are_told_at_once() {
    let room = Room::empty()
        .file(
            "default.toml",
            r#"
            [server]
            listen = "everywhere"
            workers = -1
            keepalive = "5s"
            [api]
            body_limit = "big"
            page_limit = 5000
            wait_max = 10
            [log]
            format = "xml"
            access = "yes"
            [layer]
            attempts = 2
            [layers]
            attempts = 4294967296
            rate_per_second = -1
            "#,
        )
        .variable("CLOUDFARM__SERVER__LISTN", "x")
        .variable("CLOUDFARM__JOBS__PICK", "lots");
    assert_eq!(
        room.settings().unwrap_err().lines().collect::<Vec<_>>(),
        [
            "default.toml: api.body_limit: must be a whole number of 0 or more, and is text",
            "default.toml: api.wait_max: must be text in quotes, and is a whole number",
            "environment: CLOUDFARM__JOBS__PICK: must be a whole number of 0 or more, and is text",
            r#"default.toml: layer: unknown key; did you mean "layers"?"#,
            "default.toml: layers.attempts: is too large",
            "default.toml: log.access: must be true or false, and is text",
            r#"default.toml: log.format: must be "text" or "json""#,
            r#"default.toml: server.keepalive: unknown key; did you mean "keep_alive"?"#,
            r#"default.toml: server.listen: invalid socket address syntax; the default is "127.0.0.1:8080""#,
            "environment: CLOUDFARM__SERVER__LISTN: unknown key; did you mean CLOUDFARM__SERVER__LISTEN?",
            "default.toml: server.workers: must be a whole number of 0 or more",
            "default.toml: api.page_limit: page_limit (5000) must not be more than page_limit_max (1000)",
            "default.toml: layers.rate_per_second: must be 0 or more",
        ]
    );
}

#[test]
fn a_limit_is_compared_with_the_default_of_the_other() {
    let room = Room::empty().file(
        "default.toml",
        "[api]\npage_limit_max = 50\n[cloud_farm.lab]\nengine = 'test'\n",
    );
    assert_eq!(
        room.settings().unwrap_err().lines().collect::<Vec<_>>(),
        [
            "default.toml: cloud_farm: unknown key; the clouds stand in a file of their own, cloud_farm.toml",
            "default.toml: api.page_limit_max: page_limit (100) must not be more than page_limit_max (50)",
        ]
    );
}

#[test]
fn a_variable_that_hides_a_table_is_named() {
    let room = Room::with_farm("farm.toml", "[cloud_farm.lab]\nengine = 'test'\n")
        .variable("CLOUDFARM__CLOUD_FARM", "hunter2");
    assert_eq!(
        room.problems(),
        "environment: CLOUDFARM__CLOUD_FARM: must be a table of clouds, and is text"
    );
    let room = Room::empty().variable("CLOUDFARM__SERVER", "hunter2");
    assert_eq!(
        room.settings().unwrap_err(),
        "environment: CLOUDFARM__SERVER: must be a table, and is text"
    );
}

#[test]
fn names_that_are_no_names_are_quoted() {
    let room = Room::with_farm("farm.json", "{\"cloud_farm\": {\"a\\nb\": {\"x.y\": 1}}}");
    for problem in room.problems().lines() {
        assert!(
            problem.starts_with("farm.json: cloud_farm.\"a\\nb\""),
            "{problem}"
        );
    }
    assert_eq!(room.problems().lines().count(), 3);
}

#[test]
fn of_several_forms_the_nearest_says_what_is_wrong() {
    let proxy = |proxy: &str| {
        Room::with_farm(
            "farm.toml",
            &format!(
                "[cloud_farm.lab]\nengine = 'test'\n\
                 extra_params = {{ region = 'r', proxy = {proxy} }}\n"
            ),
        )
    };
    let room = proxy("{ kind = 'http', url = 'u', password = { env = 'PROXY' } }")
        .variable("PROXY", "0123");
    assert_eq!(room.problems(), "");
    assert_eq!(room.cloud("lab").extra_params["proxy"]["password"], "0123");
    assert_eq!(proxy("{ kind = 'none' }").problems(), "");
    assert_eq!(
        proxy("{ kind = 'http', ulr = 'u' }").problems(),
        "farm.toml: cloud_farm.lab.extra_params.proxy.ulr: unknown key; did you mean \"url\"?\n\
         farm.toml: cloud_farm.lab.extra_params.proxy.url: is missing: must be text in quotes"
    );
    assert_eq!(
        proxy("{ kind = 'htp', url = 'u' }").problems(),
        "farm.toml: cloud_farm.lab.extra_params.proxy.kind: must be \"http\""
    );
    assert_eq!(
        proxy("'http'").problems(),
        "farm.toml: cloud_farm.lab.extra_params.proxy: must be a table, and is text"
    );
}
