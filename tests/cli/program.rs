//! Runs the program and looks at what it says.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloudfarm");

/// What the program left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, with nothing in its environment that could change what it does.
pub(crate) fn program(url: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    clean(&mut command, url);
    command.stdin(Stdio::null());
    command
}

/// The program on a terminal of its own, whose output is what a person would see.
pub(crate) fn on_terminal(url: &str, words: &str) -> Command {
    let mut command = Command::new("script");
    clean(&mut command, url);
    command.args(["-qefc", &format!("{PROGRAM} {words}"), "/dev/null"]);
    command.env("TERM", "xterm-256color");
    command
}

fn clean(command: &mut Command, url: &str) {
    for name in [
        "CLOUDFARM_CLOUD",
        "CLOUD_FARM",
        "CLOUDFARM_SETTINGS",
        "CLOUDFARM_ENV",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command.env("CLOUDFARM_URL", url);
    command.env("CLOUDFARM__STORE__URL", "sqlite::memory:");
}

/// Runs the program with these words, separated by spaces.
pub(crate) fn run(url: &str, words: &str) -> Run {
    run_with_input(url, words, "")
}

/// The same with this on its stdin.
pub(crate) fn run_with_input(url: &str, words: &str, input: &str) -> Run {
    let output = assert_cmd::Command::from_std(program(url))
        .args(words.split_whitespace())
        .write_stdin(input)
        .timeout(Duration::from_secs(60))
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    /// Asserts that it ended well, and without a complaint.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts that it ended with this exit code and said this on stderr.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, says: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        for text in says {
            assert!(
                self.stderr.contains(text),
                "{text:?} is not in {}",
                self.stderr
            );
        }
        self
    }

    /// The lines of stdout.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A column of a table, by its header; the columns are three spaces apart.
    #[track_caller]
    pub(crate) fn column(&self, header: &str) -> Vec<String> {
        let mut rows = self.stdout.lines().map(cells);
        let headers = rows.next().unwrap_or_default();
        let index = headers.iter().position(|cell| cell == header);
        let index = index.unwrap_or_else(|| panic!("no column {header:?} in {self:?}"));
        rows.map(|row| row[index].clone()).collect()
    }
}

fn cells(line: &str) -> Vec<String> {
    line.split("   ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(str::to_owned)
        .collect()
}
