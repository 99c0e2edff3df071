//! The files and pages that people read hold what the code does.

use std::fs;

use cloudfarm::farm::engine;
use cloudfarm::settings::{
    DEFAULT_SETTINGS, Environment, FarmSettings, LayerSettings, Loaded, Sources,
};
use cloudfarm_contract::CloudConfig;

const PAGE: &str = include_str!("../../docs/settings.md");

fn built_in() -> Sources {
    Sources::built_in(Environment::of::<String, String>([]))
}

#[test]
fn the_page_has_a_row_for_each_key_with_its_default() {
    let defaults: toml::Table = DEFAULT_SETTINGS.parse().unwrap();
    let mut rows = 0;
    for (section, keys) in &defaults {
        for (key, default) in keys.as_table().unwrap() {
            let row = format!("| `{section}.{key}` | `{default}` | ");
            assert!(PAGE.contains(&row), "docs/settings.md lacks: {row}");
            rows += 1;
        }
    }
    let found = PAGE.lines().filter(|line| {
        let key = line
            .strip_prefix("| `")
            .and_then(|line| line.split('`').next());
        key.is_some_and(|key| key.contains('.'))
    });
    assert_eq!(
        found.count(),
        rows,
        "docs/settings.md has keys that are gone"
    );
}

#[test]
fn the_farms_on_the_page_can_be_read() {
    let blocks: Vec<&str> = PAGE.split("```toml\n").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let text = block.split("```").next().unwrap();
        let room = crate::room::Room::with_farm("farm.toml", text);
        let loaded = room.load().unwrap();
        assert!(loaded.farm.clouds.len() > 1);
    }
}

#[test]
fn the_built_in_farm_is_two_dummy_clouds_that_connect() {
    let loaded = Loaded::load(built_in(), &engine).unwrap();
    assert_eq!(loaded.problems.to_string(), "");
    let clouds = loaded.farm.clouds;
    let names: Vec<&str> = clouds.iter().map(|cloud| cloud.name.as_str()).collect();
    assert_eq!(names, ["default", "lab"]);
    for cloud in clouds {
        let settings = cloud.settings.unwrap();
        let config = CloudConfig {
            name: cloud.name,
            engine: cloud.engine.clone(),
            user: settings.user,
            password: settings.password,
            extra_params: settings.extra_params,
            clock: std::sync::Arc::new(cloudfarm_contract::SystemClock),
        };
        engine(&cloud.engine).unwrap().connect(config).unwrap();
    }
}

#[test]
fn the_examples_can_be_read() {
    let mut count = 0;
    for file in fs::read_dir("settings/examples").unwrap() {
        let path = file.unwrap().path();
        let sources = built_in().with_farm(Some(path.clone()));
        let loaded = FarmSettings::load(&sources, &LayerSettings::default(), &engine)
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert!(!loaded.farm.clouds.is_empty(), "{}", path.display());
        for problem in loaded.problems.iter() {
            // Neither all engines nor the secrets are here.
            let absent = [
                "there is no engine",
                "is not set",
                "does not exist",
                "failed with",
            ];
            assert!(
                absent.iter().any(|absent| problem.message.contains(absent)),
                "{problem}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 4);
}
