//! The life of nodes.

use super::common::{TestServer, fast_dummy};
use super::program::{run, run_with_input};

const CREATE: &str = "nodes create --image ubuntu-24* --size ram>=2048";

fn server() -> TestServer {
    TestServer::start(vec![fast_dummy("default"), fast_dummy("lab")])
}

#[test]
fn a_node_lives_and_dies() {
    let server = server();
    let url = server.url();
    let made = run(url, &format!("{CREATE} web-1 --wait --metadata role=web")).ok();
    assert_eq!(made.column("STATE"), ["running"]);
    assert_eq!(made.column("SIZE"), ["small"]);
    let id = made.column("ID").remove(0);

    let stopped = run(url, "nodes stop web-1 --wait").ok();
    assert_eq!(stopped.column("STATE"), ["stopped"]);
    assert_eq!(
        run(url, "nodes start web-1 --wait -o json").ok().json()["state"],
        "running"
    );
    run(url, "nodes reboot web-1 --wait").ok();
    run(url, "nodes reboot web-1 --hard --wait").ok();
    assert_eq!(
        run(url, "nodes rename web-1 www --wait -o name")
            .ok()
            .stdout,
        "www\n"
    );
    assert_eq!(run(url, "nodes show www -q").ok().stdout.trim(), id);

    let gone = run(url, "nodes destroy www --yes --wait").ok();
    assert_eq!(gone.stdout, "node www destroyed\n");
    run(url, "nodes show www").fails(3, &["www"]);
}

#[test]
fn without_wait_the_job_is_shown_and_can_be_followed() {
    let server = server();
    let url = server.url();
    let job = run(url, &format!("{CREATE} web-1")).ok();
    assert_eq!(job.column("ACTION"), ["CreateNode"]);
    let id = job.column("ID").remove(0);
    let followed = run(url, &format!("jobs watch {id} --verbose")).ok();
    assert!(followed.stdout.contains("finished"), "{followed:?}");
    assert!(followed.stderr.contains(": created: "), "{followed:?}");
    let shown = run(url, &format!("jobs show {id} -o json")).ok().json();
    assert_eq!(shown["result"]["node"]["name"], "web-1");
    assert_eq!(
        run(url, "jobs list -q --action CreateNode").ok().lines(),
        [id]
    );
    assert_eq!(run(url, "jobs list --state error").ok().stdout, "");

    let quiet = run(url, "nodes stop web-1 -q").ok();
    run(url, &format!("jobs watch {}", quiet.stdout.trim())).ok();
    let json = run(url, "nodes start web-1 -o json").ok().json();
    assert_eq!(json["action"], "StartNode");
}

#[test]
fn globs_take_in_every_match_and_leave_the_others_alone() {
    let server = server();
    let url = server.url();
    let made = run(url, &format!("{CREATE} web-1 web-2 db-1 --wait -q")).ok();
    assert_eq!(made.lines().len(), 3);
    let made = run(url, &format!("{CREATE} web-3 --cloud lab --wait")).ok();
    assert_eq!(made.column("NAME"), ["web-3"]);

    let stopped = run(url, "nodes stop web-* --wait").ok();
    assert_eq!(stopped.column("NAME"), ["web-1", "web-2"]);
    assert!(
        stopped.stderr.contains("2 of 2 nodes stopped"),
        "{stopped:?}"
    );
    assert_eq!(
        run(url, "nodes list --state stopped").ok().column("NAME"),
        ["web-1", "web-2"]
    );

    run(url, "nodes start web-* --wait").ok();
    let stopped = run(url, "nodes stop web-* db-1 --all-clouds --wait -q").ok();
    assert_eq!(stopped.lines().len(), 4);
    run(url, "nodes start web-* db-1 -A --wait").ok();
    assert_eq!(
        run(url, "nodes list -A --state running").ok().lines().len(),
        5
    );
    run(url, "nodes stop nothing-* --wait").fails(3, &["no node matches \"nothing-*\""]);
    run(url, "nodes destroy * -A --yes --wait").ok();
    assert_eq!(run(url, "nodes list -A").ok().stdout, "");
}

#[test]
fn what_succeeds_is_shown_and_what_fails_is_said() {
    let server = server();
    let url = server.url();
    run(url, &format!("{CREATE} web-1 --wait")).ok();
    let mixed = run(url, "nodes stop web-1 no-such-node --wait")
        .fails(6, &["error: no-such-node: ", "1 of 2 nodes stopped"]);
    assert_eq!(mixed.column("NAME"), ["web-1"]);
    let none = run(url, "nodes stop no-such-node nor-this").fails(3, &["error: nor-this: "]);
    assert_eq!(none.stdout, "");
}

#[test]
fn what_destroys_wants_a_yes() {
    let server = server();
    let url = server.url();
    run(url, &format!("{CREATE} web-1 --wait")).ok();
    run_with_input(url, "nodes destroy web-1", "y\n")
        .fails(2, &["destroy web-1: not done without --yes", "hint: "]);
    assert_eq!(run(url, "nodes list -o name").ok().stdout, "web-1\n");
}

#[test]
fn verbose_tells_request_ids() {
    let server = server();
    let list = run(server.url(), "nodes list -v").ok();
    assert!(
        list.stderr
            .contains("GET /api/v1/clouds/default/nodes: 200 in "),
        "{list:?}"
    );
    assert!(list.stderr.contains("request id "), "{list:?}");
}

#[test]
fn every_action_ends_where_it_should() {
    let server = server();
    let url = server.url();
    run(url, &format!("{CREATE} web-1 --wait --metadata role=web")).ok();
    let state = |verb: &str| {
        let ended = run(url, &format!("nodes {verb} --wait -o json"))
            .ok()
            .json();
        ended["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("suspend web-1"), "suspended");
    assert_eq!(state("resume web-1"), "running");
    assert_eq!(state("pause web-1"), "paused");
    assert_eq!(state("unpause web-1"), "running");
    assert_eq!(state("shelve web-1"), "suspended");
    assert_eq!(state("unshelve web-1"), "running");
    assert_eq!(state("rescue web-1"), "rescued");
    assert_eq!(state("unrescue web-1"), "running");
    assert_eq!(state("resize web-1 --size large"), "verify_resize");
    assert_eq!(state("revert-resize web-1"), "running");
    assert_eq!(state("resize web-1 --size large"), "verify_resize");
    assert_eq!(state("confirm-resize web-1"), "running");
    assert_eq!(run(url, "nodes list").ok().column("SIZE"), ["large"]);
    run(url, "nodes rebuild web-1 --image debian-13*").fails(2, &["--yes"]);
    assert_eq!(state("rebuild web-1 --image debian-13* --yes"), "running");
    assert_eq!(run(url, "nodes list").ok().column("IMAGE"), ["debian-13"]);
}

#[test]
fn metadata_is_set_and_removed() {
    let server = server();
    let url = server.url();
    run(
        url,
        &format!("{CREATE} web-1 --wait --metadata role=web --metadata tier=1"),
    )
    .ok();
    let words =
        "nodes set-metadata web-1 --set stage=test --set tier=2 --remove role --wait -o json";
    let changed = run(url, words).ok().json();
    let wanted = serde_json::json!({ "stage": "test", "tier": "2" });
    assert_eq!(changed["metadata"], wanted);
    let shown = run(url, "nodes show web-1").ok().stdout;
    assert!(shown.contains("stage=test,tier=2"), "{shown}");
}

#[test]
fn the_console_is_read_and_opened() {
    let server = server();
    let url = server.url();
    run(url, &format!("{CREATE} web-1 --wait")).ok();
    let all = run(url, "nodes console web-1").ok();
    assert!(all.lines().len() > 2, "{all:?}");
    let end = run(url, "nodes console web-1 --lines 2").ok();
    assert_eq!(end.lines(), all.lines()[all.lines().len() - 2..]);
    let json = run(url, "nodes console web-1 -o json").ok().json();
    assert!(json["output"].is_string());
    let address = run(url, "nodes remote-console web-1").ok().stdout;
    assert!(address.starts_with("http"), "{address}");
    let json = run(url, "nodes remote-console web-1 -o json").ok().json();
    assert!(json["kind"].is_string());
}
