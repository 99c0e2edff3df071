//! What goes wrong: exit codes that scripts can tell apart, and lines that help.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;

use super::common::{TestServer, cloud, fast_dummy};
use super::program::{on_terminal, run};

#[test]
fn what_is_not_there_is_named() {
    let server = TestServer::start(vec![fast_dummy("default"), fast_dummy("lab")]);
    let url = server.url();
    run(url, "nodes show web-9").fails(3, &["error: ", "web-9", "request id: "]);
    run(url, "nodes list --cloud labb").fails(3, &["labb", "hint: did you mean \"lab\"?"]);
    run(url, "nodes list --cloud x").fails(3, &["hint: `cloudfarm clouds list`"]);
    run(url, "engines show openstax").fails(3, &["openstax", "hint: "]);
    run(url, "jobs show 1").fails(3, &["error: there is no job \"1\""]);
    let failure = run(url, "nodes show web-9 -o json").fails(3, &["error: "]);
    assert_eq!(failure.stdout, "");
}

#[test]
fn an_ambiguous_name_gets_its_candidates() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let url = server.url();
    let create = "nodes create web-1 --image alpine-3.22 --size small --wait";
    let one = run(url, create).ok().column("ID").remove(0);
    let other = run(url, create).ok().column("ID").remove(0);
    let candidates = format!("candidates: {one} (web-1), {other} (web-1)");
    run(url, "nodes show web-1").fails(4, &[&candidates]);
    run(url, "nodes stop web-1").fails(4, &[&candidates]);
    run(url, &format!("nodes show {one}")).ok();
}

#[test]
fn an_action_in_the_wrong_state_says_which_states_allow_it() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let url = server.url();
    run(
        url,
        "nodes create web-1 --image alpine-3.22 --size small --wait",
    )
    .ok();
    run(url, "nodes stop web-1 --wait").ok();
    run(url, "nodes reboot web-1").fails(4, &["allowed states: running"]);
}

#[test]
fn what_the_server_refuses_is_a_matter_of_usage() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let url = server.url();
    let create = "nodes create web-1 --image alpine-3.22 --size";
    run(url, &format!("{create} ram>=9999999")).fails(2, &["error: ", "request id: "]);
    run(url, "nodes create web-1 --image no-such-* --size small").fails(2, &["no-such-*"]);
    run(url, "nodes create web-1").fails(2, &["--image", "Usage"]);
    run(url, "nodes explode web-1").fails(2, &["explode"]);
    run(url, "nodes set-metadata web-1").fails(2, &["--set"]);
    run(url, "nodes show ..").fails(2, &["\"..\" is not an id or a name"]);
}

#[test]
fn a_full_cloud_has_a_code_of_its_own() {
    let full = cloud(
        "default",
        "dummy",
        json!({ "quota": { "nodes": 1 }, "transition": "0s" }),
    );
    let server = TestServer::start(vec![full]);
    let create = "nodes create web-1 --image alpine-3.22 --size small --wait";
    run(server.url(), create).ok();
    run(server.url(), create).fails(8, &["error: ", "job: "]);
}

#[test]
fn a_node_that_fails_fails_the_command() {
    let faults = json!({ "transition": "0s", "faults": { "node_error": 1.0 } });
    let server = TestServer::start(vec![cloud("default", "dummy", faults)]);
    let create = "nodes create web-1 --image alpine-3.22 --size small --wait";
    let failed = run(server.url(), create).fails(8, &["error: ", "was deleted again", "job: "]);
    assert_eq!(failed.stdout, "");
}

#[test]
fn nobody_at_the_address_is_told_with_what_to_do() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{free}");
    run(&url, "nodes list").fails(
        7,
        &[
            "error: cannot connect to http://127.0.0.1:",
            "connection refused",
            "hint: start a server with `cloudfarm serve`",
            "CLOUDFARM_URL",
        ],
    );
    run(&url, "nodes list --url 127.0.0.1:80").fails(2, &["--url", "http://127.0.0.1:8080"]);
}

#[test]
fn a_server_that_is_something_else_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = ["404 Not Found", "200 OK"];
    let server = std::thread::spawn(move || {
        for status in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let body = "<html>hello</html>";
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    run(&url, "nodes list").fails(1, &["404", "hint: does --url"]);
    run(&url, "nodes list").fails(1, &["cannot be read", "version"]);
    server.join().unwrap();
}

#[test]
fn a_closed_pipe_is_no_error() {
    let server = TestServer::start(vec![cloud("default", "dummy", json!({ "nodes": 3000 }))]);
    let mut child = super::program::program(server.url())
        .args(["nodes", "list", "-o", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let shown = on_terminal(server.url(), "nodes show $'a\\eb'")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("error: "), "{shown}");
    assert!(!shown.contains("a\u{1b}b"), "{shown:?}");
}
