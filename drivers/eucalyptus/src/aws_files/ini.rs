//! INI files, as Python's `RawConfigParser` reads them.

use std::collections::{BTreeMap, HashSet};

use cloudfarm_contract::ErrorKind;
use configparser::ini::Ini;

use super::FileError;

/// Keys, in lower case, and values. What follows a key on indented lines is part of its value.
pub(super) type Section = BTreeMap<String, String>;

/// What stands before the first section, which no file may have.
const NO_SECTION: &str = "\u{0}";

/// Every key of this section stands in all others too.
const DEFAULTS: &str = "DEFAULT";

/// The sections of a file.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Section>, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    no_section_twice(text)?;
    let mut ini = Ini::new_cs();
    ini.set_default_section(NO_SECTION);
    ini.set_comment_symbols(&['#', ';']);
    ini.set_inline_comment_symbols(Some(&[]));
    ini.set_multiline(true);
    let sections = ini
        .read(text.to_owned())
        .map_err(|_| invalid("the file is not an ini file"))?;
    let mut parsed = BTreeMap::new();
    for (name, keys) in sections {
        if name == NO_SECTION {
            return Err(invalid("a key stands before the first section"));
        }
        let mut section = Section::new();
        for (key, value) in keys {
            let Some(value) = value else {
                return Err(invalid(format!("a line of section {name:?} has no value")));
            };
            section.insert(key.to_lowercase(), value);
        }
        parsed.insert(name, section);
    }
    if let Some(defaults) = parsed.remove(DEFAULTS) {
        for section in parsed.values_mut() {
            for (key, value) in &defaults {
                section.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(parsed)
}

/// A section that stands twice is a mistake that would hide half of its keys.
fn no_section_twice(text: &str) -> Result<(), FileError> {
    let mut seen = HashSet::new();
    for line in text.lines().filter(|line| line.starts_with('[')) {
        let Some(end) = line.rfind(']') else { continue };
        let name = line[1..end].trim();
        if name != DEFAULTS && !seen.insert(name) {
            return Err(invalid(format!("section {name:?} stands twice")));
        }
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> FileError {
    FileError::new(ErrorKind::Invalid, message)
}
