//! Tags: the name, the mark of a job, and what owners keep.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Extra, Mark, Metadata};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::xml::Set;

/// The tag with the name.
pub(crate) const NAME: &str = "Name";

/// The most characters of a client token.
const TOKEN_MAX: usize = 64;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tag {
    key: Text,
    #[serde(default)]
    value: Text,
}

/// What the tags of a thing say.
#[derive(Debug, Default)]
pub(crate) struct Tagged {
    pub(crate) name: Option<Text>,
    pub(crate) mark: Option<Mark>,
    pub(crate) metadata: Metadata,
    /// The provider's own tags, which nobody else can set.
    pub(crate) extra: Extra,
}

/// Takes tags apart.
pub(crate) fn read(tags: Set<Tag>) -> Tagged {
    let mut tagged = Tagged::default();
    let mut own = Map::new();
    for tag in tags.items {
        match tag.key.as_str() {
            NAME => tagged.name = Some(tag.value).filter(|name| !name.is_empty()),
            Mark::KEY => tagged.mark = Some(Mark::new(tag.value)),
            key if key.starts_with("aws:") || key.starts_with("euca:") => {
                own.insert(key.to_owned(), Value::from(tag.value.as_str()));
            }
            _ => {
                tagged.metadata.insert(tag.key, tag.value);
            }
        }
    }
    if !own.is_empty() {
        tagged.extra.insert("tags".into(), Value::Object(own));
    }
    tagged
}

/// The tags of what is to be made.
pub(crate) fn tags(name: &str, mark: Option<&Mark>, metadata: &Metadata) -> Metadata {
    let mut tags = metadata.clone();
    if !name.is_empty() {
        tags.insert(Text::from_static(NAME), Text::from(name));
    }
    if let Some(mark) = mark {
        tags.insert(Text::from_static(Mark::KEY), Text::from(mark.as_str()));
    }
    tags
}

/// The client token that a mark makes: it says that it is one, unless it is too long for that.
pub(crate) fn client_token(mark: &Mark) -> String {
    let token = format!("{}={}", Mark::KEY, mark.as_str());
    if token.len() <= TOKEN_MAX {
        return token;
    }
    hex::encode(Sha256::digest(mark.as_str()))
}

/// The mark in a client token, where the tag with it is missing.
pub(crate) fn mark_of_token(token: &str) -> Option<Mark> {
    let mark = token.strip_prefix(Mark::KEY)?.strip_prefix('=')?;
    Some(Mark::new(mark))
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::model::Mark;

    use super::{client_token, mark_of_token};

    #[test]
    fn a_client_token_gives_the_mark_back() {
        let mark = Mark::new("019a0d5e-7a3b-7c11-8a55-0123456789ab");
        assert_eq!(mark_of_token(&client_token(&mark)), Some(mark));
        let long = Mark::new("x".repeat(90));
        assert_eq!(client_token(&long).len(), 64);
        assert_eq!(mark_of_token("somebody-elses"), None);
    }
}
