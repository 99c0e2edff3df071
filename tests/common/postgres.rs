//! A PostgreSQL of its own for a test: in a temporary directory, on a free port of this machine.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Whom PostgreSQL runs as where the tests run as root, for it refuses root.
const UNPRIVILEGED: &str = "nobody";
/// How long it may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running PostgreSQL, which goes with the test.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Child>,
    port: u16,
    directory: TempDir,
}

impl Postgres {
    /// Starts one with an empty database.
    pub fn start() -> Self {
        let template = template();
        let directory = TempDir::new().expect("a directory");
        open_to_all(directory.path());
        let data = directory.path().join("data");
        give_away(directory.path());
        succeed(as_server("cp").arg("-r").arg(&template).arg(&data));
        let mut postgres = Self {
            server: None,
            port: free_port(),
            directory,
        };
        postgres.resume();
        postgres
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgresql://cloudfarm@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it at once, as a crash would.
    pub fn crash(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = format!("-{}", server.id());
            // The processes of its connections are in its group.
            let _ = Command::new("kill").args(["-KILL", "--", &pid]).status();
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts it again on the same data and port.
    pub fn resume(&mut self) {
        let _ = fs::remove_file(self.directory.path().join("data/postmaster.pid"));
        let mut command = as_server("postgres");
        command.arg("-D").arg(self.directory.path().join("data"));
        for setting in [
            &format!("port={}", self.port),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "shared_buffers=16MB",
            "max_connections=60",
        ] {
            command.arg("-c").arg(setting);
        }
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let log = fs::File::create(self.directory.path().join("log")).expect("a log");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.server = Some(command.spawn().expect("postgres is installed"));
        let started = Instant::now();
        while !self.is_ready() {
            assert!(
                started.elapsed() < PATIENCE,
                "it does not start: {}",
                fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
            );
            sleep(Duration::from_millis(50));
        }
    }

    fn is_ready(&self) -> bool {
        let mut command = Command::new(program("pg_isready"));
        command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.status().is_ok_and(|status| status.success())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

/// A cluster to copy, made once on this machine: that takes longer than all else.
fn template() -> PathBuf {
    let home = std::env::temp_dir().join(format!("cloudfarm-test-postgres-{}", user()));
    let template = home.join("template");
    if template.is_dir() {
        return template;
    }
    fs::create_dir_all(&home).expect("a directory");
    open_to_all(&home);
    give_away(&home);
    let draft = home.join(format!("draft-{}", std::process::id()));
    let mut initdb = as_server("initdb");
    initdb.args(["--auth=trust", "--username=cloudfarm", "--encoding=UTF8"]);
    initdb.args(["--no-locale", "--no-sync", "-D"]).arg(&draft);
    succeed(&mut initdb);
    // Another test may have been faster; its cluster is as good.
    if fs::rename(&draft, &template).is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    template
}

/// A program of the server, as somebody who may run it.
fn as_server(name: &str) -> Command {
    if user() != "0" {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={UNPRIVILEGED}"));
    command.args(["--regid=nogroup", "--clear-groups"]);
    command.arg(program(name));
    command.current_dir("/");
    command
}

/// Debian keeps the programs of the server out of the path.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let of_debian = versions.flatten().map(|version| version.path().join("bin"));
    std::env::split_paths(&path)
        .chain(of_debian)
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed; tests/run installs it"))
}

fn user() -> String {
    let output = Command::new("id").arg("-u").output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn give_away(path: &Path) {
    if user() == "0" {
        succeed(Command::new("chown").arg(UNPRIVILEGED).arg(path));
    }
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

fn succeed(command: &mut Command) {
    let Output { status, stderr, .. } = command.output().expect("it can be started");
    assert!(
        status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&stderr)
    );
}
