//! Runs the command that a secret refers to.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Why there is no output. What the command printed stays out of it.
pub(super) enum CommandFailure {
    CannotStart,
    TimedOut,
    TooLong,
    Status(ExitStatus),
}

/// The output of `sh -c {text}`, at most `limit` bytes. The command gets no input, its messages
/// are dropped because they may hold the secret, and it is killed with its children when the time
/// is up.
pub(super) fn run(text: &str, directory: &Path, limit: u64) -> Result<Vec<u8>, CommandFailure> {
    let mut command = Command::new("sh");
    command
        .args(["-c", text])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    if !directory.as_os_str().is_empty() {
        command.current_dir(directory);
    }
    let child = command.spawn().map_err(|_| CommandFailure::CannotStart)?;
    let group = child.id();
    let (sender, receiver) = mpsc::channel();
    // Neither a pipe nor a child can be waited for with a time limit; a thread can.
    thread::spawn(move || sender.send(output_of(child, limit)));
    let (output, status) = receiver
        .recv_timeout(TIME_LIMIT)
        .map_err(|_| {
            kill_group(group);
            CommandFailure::TimedOut
        })?
        .map_err(|_| CommandFailure::CannotStart)?;
    if u64::try_from(output.len()).is_ok_and(|length| length > limit) {
        return Err(CommandFailure::TooLong);
    }
    if status.success() {
        Ok(output)
    } else {
        Err(CommandFailure::Status(status))
    }
}

fn output_of(mut child: Child, limit: u64) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut output = Vec::new();
    // Dropping the pipe ends a command that would print for ever.
    if let Some(stdout) = child.stdout.take() {
        stdout.take(limit + 1).read_to_end(&mut output)?;
    }
    Ok((output, child.wait()?))
}

/// Ends the shell and all that it started; the standard library can only end the shell.
fn kill_group(group: u32) {
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -KILL -{group}")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
