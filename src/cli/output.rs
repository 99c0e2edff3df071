//! Resources on stdout, in the form that was asked for. What is not data goes to stderr.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::marker::PhantomData;

use clap::ValueEnum;
use serde_json::Value;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::resource::{self, Resource};
use super::table::{Table, Width, write_properties};

/// The form of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns
    #[default]
    Table,
    /// Aligned columns, and more of them
    Wide,
    /// The API's JSON: an array for a list, an object for one thing
    Json,
    /// The same as YAML
    Yaml,
    /// Names, one a line
    Name,
}

/// How resources are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) format: Format,
    /// Ids, one a line, whatever the format.
    pub(crate) quiet: bool,
}

impl Output {
    /// Whether it is meant for a person's eyes.
    pub(crate) fn is_table(self) -> bool {
        !self.quiet && matches!(self.format, Format::Table | Format::Wide)
    }

    /// Whether it is JSON or YAML, which hold everything there is.
    pub(crate) fn is_document(self) -> bool {
        !self.quiet && matches!(self.format, Format::Json | Format::Yaml)
    }

    /// Writes one resource with all its properties.
    pub(crate) fn one<T: Resource>(self, value: &Value) -> Result<()> {
        let mut out = stdout();
        if self.is_table() {
            let resource: T = resource::read(value)?;
            write_properties(&mut out, &resource::properties(&resource))?;
        } else if self.quiet || self.format == Format::Name {
            writeln!(out, "{}", self.word::<T>(value)?)?;
        } else {
            self.write_document(&mut out, value)?;
        }
        Ok(out.flush()?)
    }

    /// Begins a list.
    pub(crate) fn list<T: Resource>(self, over_clouds: bool) -> ListWriter<T> {
        let width = Width {
            wide: self.format == Format::Wide,
            clouds: over_clouds,
        };
        ListWriter {
            output: self,
            width,
            table: Table::new(resource::headers::<T>(width)),
            written: 0,
            resource: PhantomData,
        }
    }

    /// Writes a document that is no resource.
    pub(crate) fn document(self, value: &Value) -> Result<()> {
        let mut out = stdout();
        self.write_document(&mut out, value)?;
        Ok(out.flush()?)
    }

    /// Writes a line of text.
    pub(crate) fn line(self, text: &str) -> Result<()> {
        let mut out = stdout();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    fn write_document(self, out: &mut impl Write, value: &Value) -> Result<()> {
        if self.format == Format::Yaml {
            out.write_all(yaml(value)?.as_bytes())?;
        } else {
            writeln!(out, "{value:#}")?;
        }
        Ok(())
    }

    fn word<T: Resource>(self, value: &Value) -> Result<String> {
        let resource: T = resource::read(value)?;
        let word = if self.quiet {
            resource.id()
        } else {
            resource.name()
        };
        Ok(super::text::printable(&word))
    }
}

/// A list that is written page by page.
#[derive(Debug)]
pub(crate) struct ListWriter<T> {
    output: Output,
    width: Width,
    table: Table,
    written: usize,
    resource: PhantomData<T>,
}

impl<T: Resource> ListWriter<T> {
    /// Writes a page.
    pub(crate) fn page(&mut self, items: &[Value]) -> Result<()> {
        let mut out = stdout();
        if self.output.is_table() {
            self.table.write(&mut out, &self.rows(items)?)?;
        } else if self.output.quiet || self.output.format == Format::Name {
            for item in items {
                writeln!(out, "{}", self.output.word::<T>(item)?)?;
            }
        } else {
            self.write_items(&mut out, items)?;
        }
        self.written += items.len();
        Ok(out.flush()?)
    }

    /// Ends the list.
    pub(crate) fn end(self) -> Result<()> {
        let mut out = stdout();
        let nothing = self.written == 0;
        match self.output.format {
            _ if self.output.quiet => {}
            Format::Json if nothing => writeln!(out, "[]")?,
            Format::Json => writeln!(out, "\n]")?,
            Format::Yaml if nothing => writeln!(out, "[]")?,
            Format::Table | Format::Wide if nothing => {
                eprintln!("no {} found", super::text::plural(T::NOUN));
            }
            _ => {}
        }
        Ok(out.flush()?)
    }

    fn rows(&self, items: &[Value]) -> Result<Vec<Vec<String>>> {
        let row = |item| Ok(resource::row(&resource::read::<T>(item)?, self.width));
        items.iter().map(row).collect()
    }

    fn write_items(&self, out: &mut impl Write, items: &[Value]) -> Result<()> {
        if self.output.format == Format::Yaml {
            if !items.is_empty() {
                out.write_all(yaml(&Value::from(items))?.as_bytes())?;
            }
            return Ok(());
        }
        for (index, item) in items.iter().enumerate() {
            let before = if self.written + index == 0 { "[" } else { "," };
            let text = format!("{item:#}").replace('\n', "\n  ");
            write!(out, "{before}\n  {text}")?;
        }
        Ok(())
    }
}

pub(super) fn yaml(value: &Value) -> Result<String> {
    yaml_serde::to_string(value)
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot be written as YAML: {error}")))
}

pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}
