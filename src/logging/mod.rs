//! Log lines, for people or for machines, through env_logger.

mod lines;

use std::cell::RefCell;
use std::io::{IsTerminal, Write, stderr};

use env_logger::fmt::Formatter;
use env_logger::{Target, WriteStyle};
use jiff::Timestamp;
use log::{Level, Record};
use serde_json::json;

use crate::settings::{LogFormat, LogSettings};

/// Begins to log to standard error. `RUST_LOG` goes before the settings' level. Does nothing if
/// something logs already. Whoever ends the process calls [`drain`] before.
pub fn init(settings: &LogSettings) {
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(&settings.level);
    builder.parse_default_env();
    // A terminal gets its lines at once and in colours. What goes elsewhere has none from the
    // beginning: to write them and to take them off again would cost more than the line.
    if !stderr().is_terminal()
        && let Ok(lines) = lines::Lines::begin()
    {
        builder.target(Target::Pipe(Box::new(lines)));
        builder.write_style(WriteStyle::Always);
        builder.format(write_plain);
    }
    if settings.format == LogFormat::Json {
        builder.format(write_json);
    }
    if let Err(error) = builder.try_init() {
        log::debug!("logging stays as it was: {error}");
    }
}

/// Waits until every line is written.
pub fn drain() {
    lines::drain();
}

/// As `env_logger` writes it by itself, without colours.
fn write_plain(out: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    out.write_all(b"[")?;
    with_time(|time| out.write_all(time))?;
    out.write_all(match record.level() {
        Level::Error => b" ERROR ",
        Level::Warn => b" WARN  ",
        Level::Info => b" INFO  ",
        Level::Debug => b" DEBUG ",
        Level::Trace => b" TRACE ",
    })?;
    out.write_all(record.target().as_bytes())?;
    out.write_all(b"] ")?;
    out.write_fmt(*record.args())?;
    out.write_all(b"\n")
}

/// The time of day in whole seconds, written anew when the second is over.
fn with_time<T>(then: impl FnOnce(&[u8]) -> T) -> T {
    thread_local! {
        static WRITTEN: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    let now = Timestamp::now();
    WRITTEN.with_borrow_mut(|(second, text)| {
        if *second != now.as_second() {
            *second = now.as_second();
            *text = format!("{now:.0}");
        }
        then(text.as_bytes())
    })
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
