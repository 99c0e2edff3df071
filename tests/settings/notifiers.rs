//! Whom things are told to.

use cloudfarm::settings::{EventKind, NotifierKind};

use crate::room::Room;

fn with(list: &str) -> Room {
    Room::empty().file("default.toml", list)
}

fn refused(list: &str) -> String {
    with(list).settings().err().unwrap_or_default()
}

#[test]
fn a_notifier_is_read_with_its_secrets() {
    let list = r#"
        [[notifiers]]
        name = "ops"
        kind = "slack"
        url = { env = "OPS_URL" }
        clouds = ["prod-*"]

        [[notifiers]]
        name = "billing"
        kind = "webhook"
        url = "https://billing.example/hook"
        secret = { file = "key" }
        on = ["job.ended"]
        public_only = true
    "#;
    let room = with(list)
        .variable("OPS_URL", "https://hooks.example/canary")
        .file("key", "canary\n");
    let settings = room.settings().unwrap();
    let [ops, billing] = settings.notifiers.as_slice() else {
        panic!("{:?}", settings.notifiers);
    };
    assert_eq!((ops.name.as_str(), ops.kind), ("ops", NotifierKind::Slack));
    assert_eq!(ops.url.expose().expose(), "https://hooks.example/canary");
    assert!(!ops.on.contains(&EventKind::JobEnded), "{:?}", ops.on);
    assert_eq!(ops.clouds, ["prod-*"]);
    assert_eq!(billing.on, [EventKind::JobEnded]);
    let secret = billing.secret.as_ref().unwrap();
    assert_eq!(secret.expose().expose(), "canary");
    assert!(billing.public_only);
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn a_list_in_the_environment_goes_before_the_file() {
    let list = "[[notifiers]]\nname = 'ops'\nkind = 'slack'\nurl = 'https://a.example'\n";
    let json = r#"[{ "name": "all", "kind": "webhook", "url": "https://b.example" }]"#;
    let settings = with(list).variable("CLOUDFARM__NOTIFIERS", json).settings();
    let names: Vec<String> = settings
        .unwrap()
        .notifiers
        .into_iter()
        .map(|notifier| notifier.name)
        .collect();
    assert_eq!(names, ["all"]);
}

#[test]
fn what_makes_no_sense_is_told_with_where_it_stands() {
    let slack = "[[notifiers]]\nname = 'ops'\nkind = 'slack'\nurl = 'https://a.example'\n";
    for (list, says) in [
        (
            "[[notifiers]]\nname = 'ops'\nkind = 'slack'\n".to_owned(),
            "notifiers.0.url",
        ),
        (slack.replace("slack", "email"), "notifiers.0.kind"),
        (slack.replace("https", "ftp"), "begins with https://"),
        (slack.replace("'ops'", "'Ops!'"), "notifiers.0.name"),
        (format!("{slack}{slack}"), "name of another notifier"),
        (
            format!("{slack}secret = 'canary'\n"),
            "Slack takes no signatures",
        ),
        (format!("{slack}on = []\n"), "one event or more"),
        (format!("{slack}on = ['job.started']\n"), "notifiers.0.on.0"),
        (format!("{slack}colour = 1\n"), "unknown key"),
        (
            slack.replace("'https://a.example'", "{ env = 'NOT_SET' }"),
            "NOT_SET",
        ),
    ] {
        let problems = refused(&list);
        assert!(problems.contains(says), "{says:?} is not in {problems}");
        assert!(!problems.contains("canary"), "{problems}");
    }
}
