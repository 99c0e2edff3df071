//! Where the mark of a job is kept on what it makes.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Mark, Metadata};

/// Takes the mark out of metadata.
pub(crate) fn take_mark(metadata: &mut Metadata) -> Option<Mark> {
    metadata.remove(Mark::KEY).map(Mark::new)
}

/// The metadata with the mark in it.
pub(crate) fn with_mark(metadata: &Metadata, mark: Option<&Mark>) -> Metadata {
    let mut metadata = metadata.clone();
    if let Some(mark) = mark {
        metadata.insert(Text::from_static(Mark::KEY), Text::from(mark.as_str()));
    }
    metadata
}

/// A description with the mark at its end: what Neutron makes has no metadata, and tags can only
/// be set by a second call, which a crash may prevent.
pub(crate) fn describe(description: Option<&str>, mark: Option<&Mark>) -> Option<String> {
    let Some(mark) = mark else {
        return description.map(str::to_owned);
    };
    let written = format!("{}{}{}", opening(), mark.as_str(), CLOSING);
    Some(match description.filter(|text| !text.is_empty()) {
        Some(text) => format!("{text} {written}"),
        None => written,
    })
}

/// Takes a description apart again.
pub(crate) fn read_description(text: Option<String>) -> (Option<String>, Option<Mark>) {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return (None, None);
    };
    let found = text
        .strip_suffix(CLOSING)
        .and_then(|text| text.rsplit_once(&opening()))
        .map(|(before, mark)| (before.trim_end().to_owned(), Mark::new(mark)));
    match found {
        Some((before, mark)) => ((!before.is_empty()).then_some(before), Some(mark)),
        None => (Some(text), None),
    }
}

const CLOSING: &str = "]";

fn opening() -> String {
    format!("[{}=", Mark::KEY)
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::model::Mark;

    use super::{describe, read_description};

    #[test]
    fn a_description_keeps_text_and_mark_apart() {
        let mark = Mark::new("019a-1");
        for text in [
            None,
            Some("for the web"),
            Some("odd [cloudfarm.mark=x] text"),
        ] {
            let written = describe(text, Some(&mark));
            let read = read_description(written);
            assert_eq!(read, (text.map(str::to_owned), Some(mark.clone())));
        }
        assert_eq!(
            read_description(Some("plain".to_owned())),
            (Some("plain".to_owned()), None)
        );
        assert_eq!(read_description(Some(String::new())), (None, None));
    }
}
