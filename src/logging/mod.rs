//! Log lines, for people or for machines, through env_logger.

mod lines;

use std::io::{IsTerminal, Write, stderr};

use env_logger::Target;
use env_logger::fmt::Formatter;
use jiff::Timestamp;
use log::Record;
use serde_json::json;

use crate::settings::{LogFormat, LogSettings};

/// Begins to log to standard error. `RUST_LOG` goes before the settings' level. Does nothing if
/// something logs already. Whoever ends the process calls [`drain`] before.
pub fn init(settings: &LogSettings) {
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(&settings.level);
    builder.parse_default_env();
    if settings.format == LogFormat::Json {
        builder.format(write_json);
    }
    // A terminal gets its lines at once and in colours.
    if !stderr().is_terminal()
        && let Ok(lines) = lines::Lines::begin()
    {
        builder.target(Target::Pipe(Box::new(lines)));
    }
    if let Err(error) = builder.try_init() {
        log::debug!("logging stays as it was: {error}");
    }
}

/// Waits until every line is written.
pub fn drain() {
    lines::drain();
}

fn write_json(out: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let line = json!({
        "time": Timestamp::now(),
        "level": record.level().as_str(),
        "target": record.target(),
        "message": record.args().to_string(),
    });
    writeln!(out, "{line}")
}
