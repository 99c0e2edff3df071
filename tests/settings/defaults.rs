//! What holds where nobody says anything.

use cloudfarm::settings::{DEFAULT_SETTINGS, Environment, Settings, Sources};
use serde_json::Value as Json;

fn nothing() -> Sources {
    Sources::built_in(Environment::of::<String, String>([]))
}

#[test]
fn the_documented_file_equals_the_built_in_defaults() {
    let documented: Settings = toml::from_str(DEFAULT_SETTINGS).unwrap();
    assert_eq!(documented, Settings::default());
    assert_eq!(Settings::load(&nothing()).unwrap(), Settings::default());
}

#[test]
fn every_key_is_in_the_documented_file_with_a_comment() {
    let Json::Object(sections) = serde_json::to_value(Settings::default()).unwrap() else {
        panic!("settings are a table");
    };
    let lines: Vec<&str> = DEFAULT_SETTINGS.lines().collect();
    let commented = |start: &str| {
        let at = lines.iter().position(|line| line.starts_with(start));
        let at = at.unwrap_or_else(|| panic!("no line starts with {start:?}"));
        assert!(lines[at - 1].starts_with("# "), "{start:?} has no comment");
    };
    for (section, keys) in &sections {
        commented(&format!("[{section}]"));
        for (key, default) in keys.as_object().unwrap() {
            match default {
                Json::Object(_) => commented(&format!("[{section}.{key}]")),
                _ => commented(&format!("{key} = ")),
            }
        }
    }
}
