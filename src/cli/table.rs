//! Tables as kubectl writes them: upper-case headers, aligned columns, no borders, nothing cut off.

use std::io::{self, Write};

use console::measure_text_width;

use super::text::printable;

/// One property of a resource: its name and how it is written.
#[derive(Debug)]
pub(crate) struct Column<T> {
    header: &'static str,
    shown: Shown,
    cell: fn(&T) -> String,
}

/// Where a column is shown. `show` has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Always,
    /// In lists over several clouds.
    Clouds,
    /// In wide lists.
    Wide,
    /// Nowhere else.
    Alone,
}

/// How much a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Width {
    /// Whether the wide columns are shown.
    pub(crate) wide: bool,
    /// Whether each row says on which cloud it is.
    pub(crate) clouds: bool,
}

impl<T> Column<T> {
    const fn with(shown: Shown, header: &'static str, cell: fn(&T) -> String) -> Self {
        Self {
            header,
            shown,
            cell,
        }
    }

    /// A column of every list.
    pub(crate) const fn new(header: &'static str, cell: fn(&T) -> String) -> Self {
        Self::with(Shown::Always, header, cell)
    }

    /// A column of lists over several clouds.
    pub(crate) const fn clouds(header: &'static str, cell: fn(&T) -> String) -> Self {
        Self::with(Shown::Clouds, header, cell)
    }

    /// A column of wide lists.
    pub(crate) const fn wide(header: &'static str, cell: fn(&T) -> String) -> Self {
        Self::with(Shown::Wide, header, cell)
    }

    /// A property that is shown of a single resource only.
    pub(crate) const fn alone(header: &'static str, cell: fn(&T) -> String) -> Self {
        Self::with(Shown::Alone, header, cell)
    }

    /// Whether it is in a list.
    pub(crate) const fn is_in(&self, width: Width) -> bool {
        match self.shown {
            Shown::Always => true,
            Shown::Clouds => width.clouds,
            Shown::Wide => width.wide,
            Shown::Alone => false,
        }
    }

    pub(crate) const fn header(&self) -> &'static str {
        self.header
    }

    pub(crate) fn cell(&self, resource: &T) -> String {
        (self.cell)(resource)
    }
}

/// A table that is written batch by batch. A later batch may need wider columns than an earlier
/// one: then the columns widen, so that a long list appears while it is still being fetched.
#[derive(Debug)]
pub(crate) struct Table {
    headers: Vec<&'static str>,
    widths: Vec<usize>,
    begun: bool,
}

impl Table {
    pub(crate) fn new(headers: Vec<&'static str>) -> Self {
        let widths = headers
            .iter()
            .map(|header| measure_text_width(header))
            .collect();
        Self {
            headers,
            widths,
            begun: false,
        }
    }

    /// Writes rows, and the headers before the first of them.
    pub(crate) fn write(&mut self, out: &mut impl Write, rows: &[Vec<String>]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| printable(cell)).collect())
            .collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(cell));
            }
        }
        if !std::mem::replace(&mut self.begun, true) {
            write_row(out, &self.widths, &self.headers)?;
        }
        for row in &rows {
            write_row(out, &self.widths, row)?;
        }
        Ok(())
    }
}

fn write_row(out: &mut impl Write, widths: &[usize], cells: &[impl AsRef<str>]) -> io::Result<()> {
    let mut line = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        let cell = cell.as_ref();
        line.push_str(cell);
        let gap = width.saturating_sub(measure_text_width(cell)) + 3;
        line.extend(std::iter::repeat_n(' ', gap));
    }
    writeln!(out, "{}", line.trim_end())
}

/// Writes one resource, a property a line; a value of several lines is kept under its first.
pub(crate) fn write_properties(
    out: &mut impl Write,
    properties: &[(&str, String)],
) -> io::Result<()> {
    let width = properties
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    for (name, value) in properties {
        let mut name = *name;
        for line in value.split('\n') {
            writeln!(
                out,
                "{}",
                format!("{name:width$}   {}", printable(line)).trim_end()
            )?;
            name = "";
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Table, write_properties};

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn columns_are_aligned_and_widen_when_a_later_page_needs_it() {
        let mut table = Table::new(vec!["NAME", "STATE"]);
        let mut out = Vec::new();
        table.write(&mut out, &[]).unwrap();
        table
            .write(&mut out, &[row(&["web-1", "running"]), row(&["数", "-"])])
            .unwrap();
        table
            .write(&mut out, &[row(&["a-long-name", "stopped"])])
            .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "NAME    STATE\n\
             web-1   running\n\
             数      -\n\
             a-long-name   stopped\n"
        );
    }

    #[test]
    fn properties_of_several_lines_stay_in_their_column() {
        let mut out = Vec::new();
        let properties = [("NAME", "web".to_owned()), ("RULES", "a\nb".to_owned())];
        write_properties(&mut out, &properties).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "NAME    web\nRULES   a\n        b\n"
        );
    }
}
