//! What is wrong whatever the cloud.

use cloudfarm_contract::{Error, Result};

/// Characters in a name, on any cloud.
const NAME_MAX: usize = 255;

/// Refuses a name that no cloud should be asked to take.
///
/// # Errors
///
/// `invalid`, naming `field`: empty, longer than 255 characters, with white space at an end, or
/// with a control character in it.
pub(super) fn name(field: &'static str, name: &str) -> Result<()> {
    if is_ordinary(name) {
        return Ok(());
    }
    let length = name.chars().count();
    let wrong = if name.is_empty() {
        format!("{field} is empty")
    } else if length > NAME_MAX {
        format!("{field} has {length} characters, it may have {NAME_MAX}")
    } else if let Some(at) = name.chars().position(char::is_control) {
        format!("{field} has a control character at position {at}")
    } else if name.trim() != name {
        format!("{field} begins or ends with white space")
    } else {
        return Ok(());
    };
    Err(Error::invalid(wrong).with_field(field))
}

/// Whether all is well at first sight, as it is with nearly every name.
fn is_ordinary(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Refuses what cannot be an id or a name of anything.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub(super) fn reference(field: &'static str, reference: &str) -> Result<()> {
    name(field, reference)
}

/// Refuses a text that is there and cannot be what any cloud calls something.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub(super) fn optional(field: &'static str, text: Option<&str>) -> Result<()> {
    text.map_or(Ok(()), |text| name(field, text))
}

/// Gigabytes in a volume, on any cloud: a pebibyte.
const SIZE_GB_MAX: u64 = 1024 * 1024;

/// Refuses a size that no volume has.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub(super) fn size_gb(field: &'static str, size_gb: u64) -> Result<()> {
    from_one(field, size_gb, SIZE_GB_MAX)
}

/// Lines of a console that one look gives, on any cloud.
const CONSOLE_LINES_MAX: u64 = 100_000;

/// Refuses to read no line of a console, or more than anybody reads.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub(super) fn console_lines(field: &'static str, lines: u32) -> Result<()> {
    from_one(field, lines.into(), CONSOLE_LINES_MAX)
}

/// Refuses a number that is 0 or greater than `max`.
///
/// # Errors
///
/// `invalid`, naming `field`.
pub(crate) fn from_one(field: &'static str, number: u64, max: u64) -> Result<()> {
    if (1..=max).contains(&number) {
        return Ok(());
    }
    let wrong = format!("{field} is {number}, it must be from 1 to {max}");
    Err(Error::invalid(wrong).with_field(field))
}

/// Refuses metadata that no cloud should be asked to take.
///
/// # Errors
///
/// `invalid`, naming the item.
pub(super) fn metadata<K: AsRef<str>, V: AsRef<str>>(
    items: impl IntoIterator<Item = (K, V)>,
) -> Result<()> {
    for (key, value) in items {
        let (key, value) = (key.as_ref(), value.as_ref());
        let wrong = if key.is_empty() {
            "a key of metadata is empty".to_owned()
        } else if key == cloudfarm_contract::model::Mark::KEY {
            format!("the metadata key {key:?} is cloudfarm's own")
        } else if key.chars().any(char::is_control) || value.chars().any(|c| c == '\0') {
            format!("the metadata item {key:?} has a control character")
        } else {
            continue;
        };
        return Err(Error::invalid(wrong).with_field("metadata"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_that_no_cloud_takes_are_refused() {
        assert!(name("name", "web-1").is_ok());
        assert!(name("name", "").is_err());
        assert!(name("name", " web").is_err());
        assert!(name("name", &"x".repeat(256)).is_err());
        assert!(
            name("name", "a\nb")
                .unwrap_err()
                .message()
                .contains("position 1")
        );
    }
}
