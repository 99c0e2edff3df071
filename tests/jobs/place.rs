//! Real processes that share a store and a cloud.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database;
use crate::postgres_server::Postgres;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What seals the store.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Where the store is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// The same tests on both.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::place::Kind::Sqlite).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::place::Kind::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A directory with a farm of one dummy cloud that outlives the processes, and a store.
#[derive(Debug)]
pub(crate) struct Place {
    directory: TempDir,
    postgres: Option<Postgres>,
    client: Client,
    /// Bytes that each file of its processes may have.
    file_max: Option<u64>,
}

/// A process, which goes with the test.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Where it serves, or tells how it fares; of no use for a worker that tells nothing.
    pub(crate) url: String,
}

impl Place {
    /// `transition` is how long nodes take to change.
    pub(crate) fn new(kind: Kind, transition: &str) -> Self {
        Self::with_cloud(kind, &json!({ "transition": transition }))
    }

    /// With these parameters of the cloud.
    pub(crate) fn with_cloud(kind: Kind, params: &Value) -> Self {
        let place = Self {
            directory: TempDir::new().unwrap(),
            postgres: matches!(kind, Kind::Postgres).then(Postgres::start),
            client: Client::new(),
            file_max: None,
        };
        place.write_cloud(params);
        place
    }

    /// Gives the cloud these parameters where processes look at their start, and at a reload.
    pub(crate) fn write_cloud(&self, params: &Value) {
        self.write_farm(&json!({ "lab": dummy(self.state_file(), params) }));
    }

    /// The same for that cloud and a second one.
    pub(crate) fn write_clouds(&self, lab: &Value, other: &Value) {
        let of_the_other = self.directory.path().join("other.state");
        self.write_farm(&json!({
            "lab": dummy(self.state_file(), lab), "other": dummy(of_the_other, other),
        }));
    }

    fn write_farm(&self, clouds: &Value) {
        let farm = json!({ "cloud_farm": clouds });
        std::fs::write(self.directory.path().join("farm.json"), farm.to_string()).unwrap();
    }

    /// What the cloud outlives the processes in.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.directory.path().join("cloud.state")
    }

    /// Changes what is in the store behind its back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        database::execute(&self.store(), sql).await;
    }

    /// The address of the store.
    pub(crate) fn store(&self) -> String {
        let file = self.directory.path().join("store.db");
        let postgres = self.postgres.as_ref().map(Postgres::url);
        postgres.unwrap_or_else(|| format!("sqlite:{}", file.display()))
    }

    /// Writes the settings of the processes that are started from now on.
    pub(crate) fn write_settings(&self, text: &str) {
        let directory = self.directory.path().join("settings");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("default.toml"), text).unwrap();
    }

    /// The PostgreSQL that the store is on.
    pub(crate) fn postgres(&mut self) -> &mut Postgres {
        self.postgres.as_mut().unwrap()
    }

    /// Lets no file of processes that are started from now on grow any further.
    pub(crate) fn limit_files(&mut self, bytes: Option<u64>) {
        self.file_max = bytes;
    }

    /// How a process ends that cannot start, and what it says.
    pub(crate) fn refused(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    }

    /// Serves; `--no-worker` may be among `arguments`.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Process {
        self.start(&[&["serve", "--listen", "127.0.0.1:0", "-q"], arguments].concat())
    }

    /// Serves where another one did.
    pub(crate) fn serve_at(&self, url: &str) -> Process {
        let address = url.trim_start_matches("http://");
        self.start(&["serve", "--listen", address, "-q"])
    }

    pub(crate) fn worker(&self) -> Process {
        self.start(&["worker"])
    }

    /// A worker that tells how it fares.
    pub(crate) fn telling_worker(&self) -> Process {
        self.start(&["worker", "--listen", "127.0.0.1:0", "-q"])
    }

    /// The same, with time for its jobs when it is stopped; the address is in its settings.
    pub(crate) fn patient_worker(&self) -> Process {
        let mut command = self.command(&["worker", "-q"]);
        command
            .env("CLOUDFARM__WORKER__LISTEN", "127.0.0.1:0")
            .env("CLOUDFARM__JOBS__DRAIN_TIMEOUT", "20s");
        self.spawn(command)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_cloudfarm");
        let mut command = match self.file_max {
            None => Command::new(program),
            Some(bytes) => {
                let mut shell = Command::new("bash");
                // A write that is too much shall fail and not kill, as on a full disk.
                let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes / 1024);
                shell.args(["-c", &limited, "bash", program]);
                shell
            }
        };
        for name in ["CLOUDFARM_ENV", "CLOUDFARM_SETTINGS", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("CLOUD_FARM", self.directory.path().join("farm.json"))
            .env("CLOUDFARM__STORE__URL", self.store())
            .env("CLOUDFARM__STORE__KEY__ENV", "STORE_KEY")
            .env("STORE_KEY", KEY)
            .env("CLOUDFARM__SERVER__WORKERS", "1")
            .env("CLOUDFARM__LAYERS__ATTEMPT_TIMEOUT", "2s")
            .env("CLOUDFARM__JOBS__SEARCH_TIME", "1s")
            .env("CLOUDFARM__JOBS__LEASE", "1s")
            .env("CLOUDFARM__JOBS__POLL", "100ms")
            .env("CLOUDFARM__JOBS__RETRY_PAUSE", "10ms")
            .env("CLOUDFARM__JOBS__DRAIN_TIMEOUT", "10ms");
        command
    }

    fn start(&self, arguments: &[&str]) -> Process {
        self.spawn(self.command(arguments))
    }

    fn spawn(&self, mut command: Command) -> Process {
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(self.directory.path().join("log"));
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "it does not start: {}", self.log());
        let url = line.trim().to_owned();
        Process { child, url }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// A request that makes a node.
    pub(crate) fn create(&self, server: &Process, name: &str) -> RequestBuilder {
        let body = json!({ "name": name, "image": "debian-12*", "size": "tiny" });
        let url = format!("{}/api/v1/clouds/lab/nodes", server.url);
        self.client.post(url).json(&body)
    }

    /// The JSON of a page.
    pub(crate) async fn read(&self, server: &Process, path: &str) -> Value {
        let url = format!("{}/api/v1{path}", server.url);
        let answer = self.client.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// The job as soon as it is as wanted.
    pub(crate) async fn until(
        &self,
        server: &Process,
        job: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let started = Instant::now();
        loop {
            let seen = self.read(server, &format!("/jobs/{job}")).await;
            if wanted(&seen) {
                return seen;
            }
            assert!(started.elapsed() < PATIENCE, "{seen:#}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns once the metrics of the process have all these lines.
    pub(crate) async fn until_counted(&self, process: &Process, lines: &[&str]) {
        self.until_metrics(process, |metrics| {
            let is_missing = |line: &&&str| !metrics.lines().any(|it| it == **line);
            let missing = lines.iter().find(is_missing);
            missing.map_or(Ok(()), |line| Err((*line).to_owned()))
        })
        .await;
    }

    /// Returns once the metrics of the process are as wanted; else it is said what is missing.
    async fn until_metrics(&self, process: &Process, wanted: impl Fn(&str) -> Result<(), String>) {
        let started = Instant::now();
        loop {
            let answer = self.client.get(format!("{}/metrics", process.url)).send();
            let metrics = answer.await.unwrap().text().await.unwrap();
            let Err(missing) = wanted(&metrics) else {
                return;
            };
            assert!(
                started.elapsed() < PATIENCE,
                "no {missing:?} in\n{metrics}\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Returns once something has waited so many seconds for the notifier.
    pub(crate) async fn until_age(&self, process: &Process, notifier: &str, seconds: f64) {
        let oldest = format!(r#"cloudfarm_notifications_oldest_seconds{{notifier="{notifier}"}} "#);
        self.until_metrics(process, |metrics| {
            let mut lines = metrics.lines();
            let age = lines.find_map(|line| line.strip_prefix(&oldest));
            let age: f64 = age.and_then(|age| age.parse().ok()).unwrap_or_default();
            match age >= seconds {
                true => Ok(()),
                false => Err(format!("{seconds} s, it is {age}")),
            }
        })
        .await;
    }

    /// Returns once a call to the cloud by the process has ended so.
    pub(crate) async fn until_call_failed(&self, process: &Process, operation: &str, kind: &str) {
        let failed = format!(
            r#"cloudfarm_provider_calls_total{{cloud="lab",operation="{operation}",outcome="{kind}"}}"#
        );
        self.until_metrics(process, |metrics| match metrics.contains(&failed) {
            true => Ok(()),
            false => Err(failed.clone()),
        })
        .await;
    }

    /// Returns once the log has these words.
    pub(crate) async fn until_logged(&self, words: &str) {
        let started = Instant::now();
        while !self.log().contains(words) {
            assert!(started.elapsed() < PATIENCE, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The names of the nodes that there are.
    pub(crate) async fn nodes(&self, server: &Process) -> Vec<String> {
        let list = self.read(server, "/clouds/lab/nodes").await;
        let items = list["items"].as_array().unwrap();
        let name = |node: &Value| node["name"].as_str().unwrap().to_owned();
        items.iter().map(name).collect()
    }
}

impl Process {
    /// Sends a signal, as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Kills it at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A dummy cloud that outlives the processes in this file.
fn dummy(state_file: PathBuf, params: &Value) -> Value {
    let mut all = json!({ "seed": 7, "state_file": state_file });
    let given = params.as_object().cloned().unwrap_or_default();
    all.as_object_mut().unwrap().extend(given);
    json!({ "engine": "dummy", "extra_params": all })
}

/// Its id.
pub(crate) fn id(job: &Value) -> String {
    job["id"].as_str().unwrap().to_owned()
}

/// Whether it is in this state.
pub(crate) fn in_state(state: &str) -> impl Fn(&Value) -> bool {
    move |job| job["state"] == state
}

/// Whether this step was recorded.
pub(crate) fn has_step(step: &str) -> impl Fn(&Value) -> bool {
    move |job| {
        job["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|seen| seen["step"] == step)
    }
}
