use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// The sign that a job leaves on what it makes, so that after a lost reply or a crash it can find
/// it again instead of making it twice. It is the id of the job, and it also tells apart what
/// cloudfarm made from what others made.
///
/// Drivers carry it as the provider allows: a client token, a metadata item, a tag. The metadata
/// key, where there is one, is [`Mark::KEY`]; it is not repeated in a resource's `metadata`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Mark(Text);

impl Mark {
    /// The name of the metadata item or tag that carries the mark.
    pub const KEY: &'static str = "cloudfarm.mark";

    /// A mark with this text.
    pub fn new(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
    /// A description with the mark at its end, for what has no other place for one.
    pub fn describe(description: Option<&str>, mark: Option<&Self>) -> Option<String> {
        let Some(mark) = mark else {
            return description.map(str::to_owned);
        };
        let written = format!("{}{}{CLOSING}", opening(), mark.as_str());
        Some(match description.filter(|text| !text.is_empty()) {
            Some(text) => format!("{text} {written}"),
            None => written,
        })
    }

    /// Takes such a description apart again.
    pub fn read_description(text: Option<String>) -> (Option<String>, Option<Self>) {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return (None, None);
        };
        let found = text
            .strip_suffix(CLOSING)
            .and_then(|text| text.rsplit_once(&opening()))
            .map(|(before, mark)| (before.trim_end().to_owned(), Self::new(mark)));
        match found {
            Some((before, mark)) => ((!before.is_empty()).then_some(before), Some(mark)),
            None => (Some(text), None),
        }
    }
}

const CLOSING: &str = "]";

fn opening() -> String {
    format!("[{}=", Mark::KEY)
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn a_description_keeps_text_and_mark_apart() {
        let mark = Mark::new("019a-1");
        for text in [
            None,
            Some("for the web"),
            Some("odd [cloudfarm.mark=x] text"),
        ] {
            let read = Mark::read_description(Mark::describe(text, Some(&mark)));
            assert_eq!(read, (text.map(str::to_owned), Some(mark.clone())));
        }
        assert_eq!(
            Mark::read_description(Some("plain".to_owned())),
            (Some("plain".to_owned()), None)
        );
        assert_eq!(Mark::read_description(Some(String::new())), (None, None));
    }
}
