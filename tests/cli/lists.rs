//! Lists and single things, in every form.

use serde_json::{Value, json};

use super::common::{TestServer, cloud, fast_dummy};
use super::program::run;

fn two_clouds() -> TestServer {
    TestServer::start(vec![
        cloud("default", "dummy", json!({ "seed": 1, "nodes": 250 })),
        cloud("lab", "dummy", json!({ "seed": 2, "nodes": 3 })),
    ])
}

#[test]
fn every_noun_is_listed_and_its_first_is_shown() {
    let server = two_clouds();
    for noun in ["engines", "clouds", "nodes", "images", "sizes", "locations"] {
        let list = run(server.url(), &format!("{noun} list")).ok();
        let header = list.lines()[0];
        assert!(header.contains("NAME"), "{noun}: {header}");
        assert_eq!(header, header.to_uppercase(), "{noun}");
        assert!(list.lines().len() > 1, "{noun}");
        let ids = run(server.url(), &format!("{noun} list -q")).ok();
        let id = ids.lines()[0];
        let shown = run(server.url(), &format!("{noun} show {id}")).ok();
        assert!(shown.stdout.contains(id), "{noun}: {shown:?}");
        assert!(shown.stdout.contains("NAME "), "{noun}: {shown:?}");
        let json = run(server.url(), &format!("{noun} show {id} -o json")).ok();
        assert!(json.json().is_object(), "{noun}");
    }
    run(server.url(), "jobs list").ok();
    run(server.url(), "node ls --limit 1").ok();
}

#[test]
fn a_list_is_paged_to_its_end_or_to_its_limit() {
    let server = two_clouds();
    let mut ids = run(server.url(), "nodes list -q").ok().stdout;
    assert_eq!(ids.lines().count(), 250);
    let mut unique: Vec<&str> = ids.lines().collect();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 250);
    for limit in [1, 99, 100, 101, 130, 300] {
        ids = run(server.url(), &format!("nodes list -q --limit {limit}"))
            .ok()
            .stdout;
        assert_eq!(ids.lines().count(), limit.min(250), "--limit {limit}");
    }
}

#[test]
fn each_format_holds_the_same_things() {
    let server = two_clouds();
    let table = run(server.url(), "nodes list -c lab").ok();
    let names = table.column("NAME");
    assert_eq!(names.len(), 3);
    assert_eq!(table.column("ID").len(), 3);
    let wide = run(server.url(), "nodes list -c lab -o wide").ok();
    assert_eq!(wide.column("NAME"), names);
    assert!(wide.lines()[0].contains("NATIVE STATE"));
    let json = run(server.url(), "nodes list -c lab -o json").ok().json();
    assert_eq!(texts(&json, "name"), names);
    assert!(json[0]["addresses"].is_array());
    let yaml = run(server.url(), "nodes list -c lab -o yaml").ok();
    let yaml: Value = yaml_serde::from_str(&yaml.stdout).unwrap();
    assert_eq!(texts(&yaml, "name"), names);
    let name = run(server.url(), "nodes list -c lab -o name").ok();
    assert_eq!(name.lines(), names);
    let ids = run(server.url(), "nodes list -c lab -q -o json").ok();
    assert_eq!(ids.lines(), table.column("ID"));
}

#[test]
fn many_pages_of_json_and_yaml_are_one_document() {
    let server = two_clouds();
    let json = run(server.url(), "nodes list -o json").ok().json();
    assert_eq!(json.as_array().unwrap().len(), 250);
    let yaml = run(server.url(), "nodes list -o yaml").ok();
    let yaml: Vec<Value> = yaml_serde::from_str(&yaml.stdout).unwrap();
    assert_eq!(yaml.len(), 250);
}

#[test]
fn an_empty_list_is_a_list() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let table = run(server.url(), "nodes list").ok();
    assert_eq!(
        (table.stdout.as_str(), table.stderr.as_str()),
        ("", "no nodes found\n")
    );
    assert_eq!(run(server.url(), "nodes list -o json").ok().stdout, "[]\n");
    assert_eq!(run(server.url(), "nodes list -o yaml").ok().stdout, "[]\n");
    assert_eq!(run(server.url(), "nodes list -q").ok().stdout, "");
}

#[test]
fn filters_narrow_a_list_down() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let create = "nodes create --image alpine-3.22 --size small --wait";
    for name in ["web-1", "web-2"] {
        let web = format!("{create} {name} -m role=web -m stage=test");
        run(server.url(), &web).ok();
    }
    run(server.url(), &format!("{create} db-1 -m role=db")).ok();
    run(server.url(), "nodes stop web-2 --wait").ok();
    let names = |filter: &str| {
        run(server.url(), &format!("nodes list {filter}"))
            .ok()
            .column("NAME")
    };
    assert_eq!(names("--name web-*"), ["web-1", "web-2"]);
    assert_eq!(names("--state stopped"), ["web-2"]);
    assert_eq!(
        names("--state running,stopped --name *-1"),
        ["web-1", "db-1"]
    );
    assert_eq!(
        names("--metadata role=web --metadata stage=test"),
        ["web-1", "web-2"]
    );
    assert_eq!(names("--metadata role=db"), ["db-1"]);
    run(server.url(), "nodes list --state asleep").fails(2, &["asleep", "running"]);
    run(server.url(), "nodes list --metadata role").fails(2, &["KEY=VALUE"]);
    run(server.url(), "nodes list --metadata a=b,c").fails(2, &["comma"]);
    let images = run(server.url(), "images list --name debian-*").ok();
    assert!(
        images
            .column("NAME")
            .iter()
            .all(|name| name.starts_with("debian-"))
    );
}

#[test]
fn a_list_over_clouds_says_which_cloud_and_which_did_not_answer() {
    let dead = cloud("dead", "dummy", json!({ "unreachable": true }));
    let server = TestServer::start(vec![
        cloud("default", "dummy", json!({ "seed": 1, "nodes": 2 })),
        cloud("lab", "dummy", json!({ "seed": 2, "nodes": 1 })),
        dead,
    ]);
    let all = run(server.url(), "nodes list --all-clouds").fails(6, &["error: dead: "]);
    assert_eq!(all.column("CLOUD"), ["default", "default", "lab"]);
    let some = run(server.url(), "nodes list --cloud default,lab").ok();
    assert_eq!(some.column("CLOUD"), ["default", "default", "lab"]);
    assert_eq!(some.stderr, "");
    run(server.url(), "nodes list --cloud dead").fails(7, &["error: ", "request id: "]);
    let sizes = run(server.url(), "sizes list --cloud lab,dead -o json").fails(6, &["dead"]);
    assert!(sizes.json().as_array().unwrap().len() > 3);
    run(server.url(), "locations list -A").fails(6, &["dead"]);
    run(server.url(), "images list -A --name debian-*").fails(6, &["dead"]);
}

#[test]
fn the_cloud_comes_from_the_environment_where_no_option_says_it() {
    let server = two_clouds();
    let ids = |cloud: Option<&str>, option: &[&str]| {
        let mut command = super::program::program(server.url());
        command.args(["nodes", "list", "-q"]).args(option);
        command.envs(cloud.map(|cloud| ("CLOUDFARM_CLOUD", cloud)));
        String::from_utf8(command.output().unwrap().stdout)
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(ids(None, &[]), 250);
    assert_eq!(ids(Some("lab"), &[]), 3);
    assert_eq!(ids(Some("lab"), &["--cloud", "default"]), 250);
    assert_eq!(ids(Some("lab"), &["--all-clouds"]), 253);
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().unwrap();
    items
        .iter()
        .map(|item| item[key].as_str().unwrap().to_owned())
        .collect()
}
