//! Passwords and keys: never on a command line, handed over once.

use std::os::unix::fs::PermissionsExt;

use super::common::{TestServer, fast_dummy};
use super::program::{run, run_with_input};

const CREATE: &str = "nodes create web-1 --image alpine-3.22 --size small --wait";

fn server() -> TestServer {
    TestServer::start(vec![fast_dummy("default")])
}

#[test]
fn a_password_that_the_cloud_chose_is_shown_once() {
    let server = server();
    let made = run(server.url(), CREATE).ok();
    let told = "web-1: admin password, shown once and kept nowhere: ";
    let password = made.stderr.trim().strip_prefix(told);
    let password = password.unwrap_or_else(|| panic!("{made:?}"));
    assert!(password.len() >= 8, "{made:?}");
    let job = run(server.url(), "jobs list -q").ok().stdout;
    let shown = run(server.url(), &format!("jobs show {job} -o json")).ok();
    assert!(!shown.stdout.contains(password), "{shown:?}");
}

#[test]
fn documents_hold_it_beside_the_node() {
    let server = server();
    let made = run(server.url(), &format!("{CREATE} -o json")).ok().json();
    assert_eq!(made["name"], "web-1");
    assert!(made["secrets"]["admin_password"].is_string(), "{made}");
}

#[test]
fn a_file_gets_it_for_its_owner_only() {
    let server = server();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password.txt");
    let made = run(server.url(), &format!("{CREATE} --save {}", path.display())).ok();
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(saved.trim().len() >= 8);
    assert!(!made.stdout.contains(saved.trim()), "{made:?}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    // What is there is not overwritten, and then nothing is made either.
    let again = format!("{CREATE} --save {}", path.display()).replace("web-1", "web-2");
    run(server.url(), &again).fails(1, &["password.txt"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), saved);
    assert_eq!(
        run(server.url(), "nodes list -o name").ok().stdout,
        "web-1\n"
    );

    // A failure leaves no empty file behind.
    let other = directory.path().join("other.txt");
    let wrong = format!("{CREATE} --save {}", other.display()).replace("alpine-3.22", "no-such");
    run(server.url(), &wrong).fails(2, &["no-such"]);
    assert!(!other.exists());
}

#[test]
fn a_given_password_comes_from_a_file_or_from_stdin() {
    let server = server();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password.txt");
    std::fs::write(&path, "correct horse\n").unwrap();
    run(
        server.url(),
        &format!("{CREATE} --admin-password-file {}", path.display()),
    )
    .ok();
    let create = CREATE.replace("web-1", "web-2");
    let from_stdin = format!("{create} --admin-password-file -");
    run_with_input(server.url(), &from_stdin, "battery staple\n").ok();
    let change = "nodes change-password web-1 --admin-password-file - --wait";
    run_with_input(server.url(), change, "battery staple\n").ok();
    let jobs = run(server.url(), "jobs list -o json").ok();
    assert!(
        !jobs.stdout.contains("horse") && !jobs.stdout.contains("staple"),
        "{jobs:?}"
    );
    run(server.url(), "nodes change-password web-1").fails(2, &["--admin-password-file"]);
    std::fs::write(&path, "two\nlines\n").unwrap();
    let wrong = format!(
        "nodes change-password web-1 --admin-password-file {}",
        path.display()
    );
    run(server.url(), &wrong).fails(2, &["one line"]);
}

#[test]
fn user_data_is_read_from_a_file_or_from_stdin() {
    let server = server();
    run_with_input(
        server.url(),
        &format!("{CREATE} --user-data -"),
        "#!/bin/sh\n",
    )
    .ok();
    run(server.url(), &format!("{CREATE} --user-data @no/such/file")).fails(1, &["no/such/file"]);
}

#[test]
fn a_private_key_does_not_leave_the_machine_by_mistake() {
    let server = server();
    run_with_input(
        server.url(),
        "key-pairs create me --public-key -",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    )
    .fails(2, &["private key", ".pub"]);
}
