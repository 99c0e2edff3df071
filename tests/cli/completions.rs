//! Completions for shells.

use std::io::Write;
use std::process::{Command, Stdio};

use super::program::run;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run("http://127.0.0.1:1", &format!("completions {shell}"))
            .ok()
            .stdout;
        for word in ["cloudfarm", "nodes", "destroy", "all-clouds"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    run("http://127.0.0.1:1", "completions tcsh").fails(2, &["tcsh", "bash"]);
}

#[test]
fn bash_takes_its_script_and_completes_a_noun() {
    let script = run("http://127.0.0.1:1", "completions bash").ok().stdout;
    let mut bash = Command::new("bash")
        .args(["--norc", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let complete = "COMP_WORDS=(cloudfarm vol); COMP_CWORD=1; _cloudfarm cloudfarm vol cloudfarm; \
                    echo \"${COMPREPLY[*]}\"\n";
    let mut stdin = bash.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    stdin.write_all(complete.as_bytes()).unwrap();
    drop(stdin);
    let said = bash.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("volumes volume-snapshots"), "{said}");
}
