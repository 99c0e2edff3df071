//! Where the mark of a job is kept on what has no tags: at the end of the description.

use cloudfarm_contract::model::Mark;

const CLOSING: &str = "]";

fn opening() -> String {
    format!("[{}=", Mark::KEY)
}

/// A description with the mark at its end.
pub(crate) fn describe(description: Option<&str>, mark: Option<&Mark>) -> Option<String> {
    let Some(mark) = mark else {
        return description.map(str::to_owned);
    };
    let written = format!("{}{}{CLOSING}", opening(), mark.as_str());
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
            let read = read_description(describe(text, Some(&mark)));
            assert_eq!(read, (text.map(str::to_owned), Some(mark.clone())));
        }
        assert_eq!(read_description(Some(String::new())), (None, None));
    }
}
