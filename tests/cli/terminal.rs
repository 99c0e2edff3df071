//! On a terminal: bars, questions and a list that is drawn again.

use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::json;

use super::common::{TestServer, cloud, fast_dummy};
use super::program::{on_terminal, run};

const CREATE: &str = "nodes create --image alpine-3.22 --size small --wait";

#[test]
fn waiting_shows_a_bar_for_each_node() {
    let slow = cloud(
        "default",
        "dummy",
        json!({ "seed": 7, "transition": "500ms" }),
    );
    let server = TestServer::start(vec![slow]);
    let words = format!("{CREATE} web-1 web-2");
    let seen = on_terminal(server.url(), &words).output().unwrap();
    let text = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(seen.status.success(), "{text}");
    for part in ["⠋", "web-1: ", "web-2: ", "2 of 2 nodes created", "running"] {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    // A pipe gets none of it.
    let piped = run(server.url(), &format!("{CREATE} web-3")).ok();
    assert!(!piped.stderr.contains('\u{1b}'), "{piped:?}");
    let quiet = on_terminal(server.url(), &format!("{CREATE} web-4 -q"))
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&quiet.stdout).contains("⠋"));
}

/// A cloud on which nothing is ever done.
fn idle() -> TestServer {
    let slow = json!({ "seed": 7, "transition": "1h" });
    TestServer::start(vec![cloud("default", "dummy", slow)])
}

#[test]
fn an_interrupt_ends_the_waiting_and_says_that_the_work_goes_on() {
    let server = idle();
    let mut child = on_terminal(server.url(), &format!("{CREATE} web-1"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = Vec::new();
    read_until(&mut stdout, &mut seen, "wait until");
    child.stdin.take().unwrap().write_all(&[3]).unwrap();
    let _ = stdout.read_to_end(&mut seen);
    let seen = String::from_utf8_lossy(&seen);
    assert_eq!(child.wait().unwrap().code(), Some(130), "{seen}");
    assert!(seen.contains("what was begun goes on"), "{seen}");
    assert_eq!(
        run(server.url(), "jobs list --state running -q")
            .ok()
            .lines()
            .len(),
        1
    );
}

#[test]
fn a_wait_ends_when_its_time_is_up_and_the_work_goes_on() {
    let server = idle();
    let waited = run(server.url(), &format!("{CREATE} web-1 --timeout 1s"))
        .fails(7, &["error: the job is still running", "jobs watch"]);
    assert_eq!(waited.stdout, "");
    assert_eq!(
        run(server.url(), "jobs list --state running -q")
            .ok()
            .lines()
            .len(),
        1
    );
}

#[test]
fn a_question_is_asked_before_anything_is_destroyed() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    run(server.url(), &format!("{CREATE} web-1")).ok();
    run(server.url(), &format!("{CREATE} web-2")).ok();
    let answer = |answer: &str| {
        let mut child = on_terminal(server.url(), "nodes destroy \"web-*\" --wait")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut seen = Vec::new();
        read_until(&mut stdout, &mut seen, "[y/N]");
        writeln!(stdin, "{answer}").unwrap();
        let _ = stdout.read_to_end(&mut seen);
        let code = child.wait().unwrap().code();
        (code, String::from_utf8_lossy(&seen).into_owned())
    };
    let (code, seen) = answer("n");
    assert!(seen.contains("destroy web-1, web-2? [y/N]"), "{seen}");
    assert_eq!(code, Some(1), "{seen}");
    assert_eq!(run(server.url(), "nodes list -q").ok().lines().len(), 2);
    let (code, seen) = answer("y");
    assert_eq!(code, Some(0), "{seen}");
    assert_eq!(run(server.url(), "nodes list -q").ok().lines().len(), 0);
}

#[test]
fn a_watched_list_is_drawn_again() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    run(server.url(), &format!("{CREATE} web-1")).ok();
    let mut child = on_terminal(server.url(), "nodes list --watch=100ms")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = Vec::new();
    read_until(&mut stdout, &mut seen, "1 node at ");
    run(server.url(), &format!("{CREATE} web-2")).ok();
    read_until(&mut stdout, &mut seen, "2 nodes at ");
    read_until(&mut stdout, &mut seen, "web-2");
    // ^C
    child.stdin.take().unwrap().write_all(&[3]).unwrap();
    let _ = stdout.read_to_end(&mut seen);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.contains("\u{1b}[2J"), "{seen:?}");
}

fn read_until(from: &mut impl Read, seen: &mut Vec<u8>, text: &str) {
    let start = seen.len();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen[start..]).contains(text) {
        let read = from.read(&mut byte).unwrap();
        assert!(
            read > 0,
            "{text:?} never came: {}",
            String::from_utf8_lossy(seen)
        );
        seen.push(byte[0]);
    }
}
