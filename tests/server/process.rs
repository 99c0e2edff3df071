//! The real server on a free port, for tests that speak to it as its clients do.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::log::Log;

/// Variables of the machine that would change what the server does.
const FOREIGN: &[&str] = &[
    "CLOUDFARM_ENV",
    "CLOUDFARM_SETTINGS",
    "CLOUDFARM_URL",
    "RUST_LOG",
];

/// A server that serves a farm, and goes with the test.
#[derive(Debug)]
pub(crate) struct Server {
    child: Option<Child>,
    pid: u32,
    address: String,
    client: Client,
    log: Log,
    directory: TempDir,
}

impl Server {
    /// Serves the farm that this TOML says.
    pub(crate) async fn start(farm: &str) -> Self {
        Self::with(farm, &[]).await
    }

    /// The same under these variables, as `CLOUDFARM__API__BODY_LIMIT`. Settings that are not given
    /// are the built-in ones.
    pub(crate) async fn with(farm: &str, variables: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("farm.toml");
        std::fs::write(&file, farm).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloudfarm"));
        for name in FOREIGN {
            command.env_remove(name);
        }
        let mut child = command
            .arg("serve")
            .current_dir(directory.path())
            .env("CLOUD_FARM", &file)
            .env("CLOUDFARM__SERVER__LISTEN", "127.0.0.1:0")
            .env("CLOUDFARM__SERVER__WORKERS", "2")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::follow(child.stderr.take().unwrap());
        let pid = child.id();
        let line = log.line_with("listening on http://").await;
        let (_, address) = line.split_once("http://").unwrap();
        let (address, _) = address.split_once('"').unwrap_or((address, ""));
        Self {
            child: Some(child),
            pid,
            address: address.to_owned(),
            client: Client::new(),
            log,
            directory,
        }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A client that keeps its connections.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A `GET` that is not sent yet.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    /// A `POST` that is not sent yet.
    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    /// The JSON at a path, which must be there.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.json().await.unwrap()
    }

    /// The ended job of a change.
    pub(crate) async fn carry_out(&self, request: RequestBuilder) -> Value {
        let answer = request.header("prefer", "wait=60").send().await.unwrap();
        let status = answer.status();
        let job: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{job}");
        assert_eq!(job["state"], "finished", "{job}");
        job
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Writes another farm where the server looks at a reload.
    pub(crate) fn write_farm(&self, farm: &str) {
        std::fs::write(self.directory.path().join("farm.toml"), farm).unwrap();
    }

    /// Sends a signal, as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.pid)])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// The bytes of memory that the process holds.
    pub(crate) fn resident(&self) -> u64 {
        let status = Path::new("/proc").join(self.pid.to_string()).join("status");
        let status = std::fs::read_to_string(status).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kib * 1024
    }

    /// Waits for the end of the process.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        spawn_blocking(move || child.wait()).await.unwrap().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The problem document of an answer, which must be one with this status.
pub(crate) async fn problem(answer: Response, status: u16) -> Value {
    let (got, headers) = (answer.status(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    assert_eq!(headers["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(
        problem["request_id"],
        headers["x-request-id"].to_str().unwrap()
    );
    problem
}
