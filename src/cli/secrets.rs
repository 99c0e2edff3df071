//! One-time secrets: what the cloud says once is handed over once, to a file of the owner's or to
//! the screen.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::output::Output;
use super::text::printable_lines;
use crate::jobs::Job;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SaveArgs {
    /// Write the secret that the cloud gives once to this new file, for its owner only
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

/// Where one-time secrets go. The file is made before the request is sent: a key that is made and
/// cannot be kept is lost.
#[derive(Debug, Default)]
pub(crate) struct Handover {
    file: Option<(PathBuf, File)>,
    used: bool,
}

impl Handover {
    pub(crate) fn new(args: &SaveArgs) -> Result<Self> {
        let Some(path) = &args.save else {
            return Ok(Self::default());
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("cannot make {}: {error}", path.display()),
            )
        })?;
        Ok(Self {
            file: Some((path.clone(), file)),
            used: false,
        })
    }

    /// The resource as a document, with its secrets unless they go to a file.
    pub(super) fn joined(
        &self,
        value: Option<Value>,
        secrets: &OneTime,
        output: Output,
    ) -> Option<Value> {
        let mut value = value?;
        if output.is_document() && self.file.is_none() && !secrets.0.is_empty() {
            value["secrets"] = json!(secrets.0);
        }
        Some(value)
    }

    /// Hands the secrets over, unless they stand in the document.
    pub(super) fn give(&mut self, label: &str, secrets: &OneTime, output: Output) -> Result<()> {
        for (name, secret) in &secrets.0 {
            let Some(secret) = secret.as_str() else {
                continue;
            };
            let name = name.replace('_', " ");
            if let Some((path, file)) = &mut self.file {
                let end = if secret.ends_with('\n') { "" } else { "\n" };
                write!(file, "{secret}{end}")?;
                self.used = true;
                eprintln!("{label}: {name} written to {}", path.display());
            } else if !output.is_document() {
                let secret = printable_lines(secret);
                let gap = if secret.trim_end().contains('\n') {
                    "\n"
                } else {
                    " "
                };
                eprintln!(
                    "{label}: {name}, shown once and kept nowhere:{gap}{}",
                    secret.trim_end()
                );
            }
        }
        Ok(())
    }
}

/// A file that nothing was written to is not left behind.
impl Drop for Handover {
    fn drop(&mut self) {
        if let (Some((path, _)), false) = (&self.file, self.used)
            && let Err(error) = std::fs::remove_file(path)
        {
            eprintln!("cannot remove the empty file {}: {error}", path.display());
        }
    }
}

/// What a job gives once.
#[derive(Debug, Default)]
pub(super) struct OneTime(Map<String, Value>);

impl OneTime {
    /// The resource of an ended job, and what stands beside it.
    pub(super) fn taken_from(job: &Job) -> (Option<Value>, Self) {
        let Some(Value::Object(mut result)) = job.result.clone() else {
            return (None, Self::default());
        };
        let secrets = match result.remove("secrets") {
            Some(Value::Object(secrets)) => Self(secrets),
            _ => Self::default(),
        };
        let kind = job.resource.as_ref().map_or("", |resource| &resource.kind);
        (result.remove(kind), secrets)
    }
}
