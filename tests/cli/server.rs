//! The commands that need no server, and the one that is it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{program, run};

const NOWHERE: &str = "http://127.0.0.1:1";

/// A farm file in a directory of its own.
fn farm(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("farm.toml");
    std::fs::write(&path, text).unwrap();
    (directory, path)
}

/// A server as a process; ended with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_takes_requests_and_stops_when_it_is_told_to() {
    let (_directory, path) = farm("[cloud_farm.default]\nengine = \"dummy\"\n");
    let mut command = program(NOWHERE);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "-q", "--farm"])
        .arg(&path);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut served = Served(child);
    let mut url = String::new();
    let mut stdout = BufReader::new(served.0.stdout.take().unwrap());
    stdout.read_line(&mut url).unwrap();
    let url = url.trim();
    assert_eq!(run(url, "clouds list").ok().column("NAME"), ["default"]);
    let checked = run(url, "clouds check default").ok();
    assert_eq!(checked.column("STATUS"), ["ok"]);
    run(url, "clouds check").ok();
    run(url, "clouds check nowhere").fails(3, &["nowhere"]);

    let id = served.0.id().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .unwrap();
    assert!(told.success());
    assert_eq!(served.0.wait().unwrap().code(), Some(0));
    run(url, "clouds list").fails(7, &["cannot connect"]);
}

#[test]
fn an_address_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    run(NOWHERE, &format!("serve --listen {address}"))
        .fails(2, &[&format!("cannot listen on {address}")]);
    run(NOWHERE, "serve --listen here").fails(2, &["--listen"]);
}

#[test]
fn check_tells_the_clouds_that_answer_from_those_that_do_not() {
    let (_directory, path) = farm("[cloud_farm.default]\nengine = \"dummy\"\n");
    let check = format!("check --farm {}", path.display());
    assert_eq!(run(NOWHERE, &check).ok().column("STATUS"), ["ok"]);

    let (_directory, path) = farm(
        "[cloud_farm.default]\nengine = \"dummy\"\n\
         [cloud_farm.dead]\nengine = \"dummy\"\nextra_params = { unreachable = true }\n\
         [cloud_farm.odd]\nengine = \"dummi\"\n",
    );
    let check = format!("check --farm {}", path.display());
    let checked = run(NOWHERE, &check).fails(6, &["dummi", "odd"]);
    assert_eq!(checked.column("CLOUD"), ["dead", "default", "odd"]);
    assert_eq!(checked.column("STATUS"), ["failed", "ok", "failed"]);
    let json = run(NOWHERE, &format!("{check} -o json"))
        .fails(6, &[])
        .json();
    assert_eq!(json[0]["error"]["kind"], "unavailable");
}

#[test]
fn settings_that_stop_the_start_are_all_told() {
    let (_directory, path) = farm("[cloud_farm.default\n");
    for command in ["check", "serve", "settings show"] {
        let words = format!("{command} --farm {}", path.display());
        run(NOWHERE, &words).fails(2, &["error: ", "farm.toml"]);
    }
    run(NOWHERE, "check --farm /no/such/farm.toml").fails(2, &["farm.toml"]);
}

#[test]
fn settings_are_shown_with_where_they_came_from_and_without_secrets() {
    let (_directory, path) = farm(
        "[cloud_farm.default]\nengine = \"dummy\"\nuser = \"me\"\npassword = \"hunter2-canary\"\n",
    );
    let show = format!("settings show --farm {}", path.display());
    let toml = run(NOWHERE, &show).ok().stdout;
    assert!(toml.contains("[cloud_farm.default]"), "{toml}");
    assert!(toml.contains("user = \"me\""), "{toml}");
    assert!(!toml.contains("hunter2"), "{toml}");
    let json = run(NOWHERE, &format!("{show} -o json")).ok();
    assert_eq!(json.json()["values"]["cloud_farm"]["default"]["user"], "me");
    assert!(!json.stdout.contains("hunter2"), "{json:?}");
}

#[test]
fn openapi_prints_the_document() {
    let json = run(NOWHERE, "openapi").ok().json();
    assert!(json["paths"]["/api/v1/clouds/{cloud}/nodes"]["post"].is_object());
    let yaml: Value = yaml_serde::from_str(&run(NOWHERE, "openapi -o yaml").ok().stdout).unwrap();
    assert_eq!(yaml["openapi"], json["openapi"]);
}
