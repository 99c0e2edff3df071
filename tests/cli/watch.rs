//! `--watch` on a pipe: the list, and then what changed.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use super::common::{TestServer, fast_dummy};
use super::program::{program, run};

struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(url: &str, words: &str) -> Self {
        let mut child = program(url)
            .args(words.split_whitespace())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line; waits for it.
    fn next(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pipe_gets_the_list_and_then_each_change() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let url = server.url();
    let create = "nodes create --image alpine-3.22 --size small --wait";
    run(url, &format!("{create} web-1")).ok();
    let mut watch = Watch::start(url, "nodes list --watch=50ms");
    assert!(watch.next().starts_with("CHANGE "));
    let line = watch.next();
    assert!(
        line.starts_with("added ") && line.contains("web-1"),
        "{line}"
    );
    run(url, "nodes rename web-1 www --wait").ok();
    let line = watch.next();
    assert!(
        line.starts_with("changed ") && line.contains("www"),
        "{line}"
    );
    run(url, "nodes destroy www --yes --wait").ok();
    let line = std::iter::repeat_with(|| watch.next()).find(|line| line.starts_with("gone "));
    assert!(line.unwrap().contains("www"));
}

#[test]
fn json_gets_a_document_a_line() {
    let server = TestServer::start(vec![fast_dummy("default")]);
    let mut watch = Watch::start(server.url(), "clouds list --watch=50ms -o json");
    let line: serde_json::Value = serde_json::from_str(&watch.next()).unwrap();
    assert_eq!(line["change"], "added");
    assert_eq!(line["item"]["name"], "default");
}

#[test]
fn a_watch_that_never_gets_an_answer_ends() {
    run("http://127.0.0.1:1", "nodes list --watch").fails(7, &["cannot connect"]);
    run("http://127.0.0.1:1", "nodes list --watch=often").fails(2, &["often"]);
}
