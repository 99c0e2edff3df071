//! What a list is narrowed down to.

use crate::model::{Image, Mark, Metadata, Node, NodeState};
use crate::{PageRequest, Text};

/// Which nodes are wanted. Conditions are combined with "and"; an empty one lets everything pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeQuery {
    /// The page.
    pub page: PageRequest,
    /// A glob that the name must match, as `web-*`.
    pub name: Option<Text>,
    /// The states, one of which the node must be in.
    pub states: Vec<NodeState>,
    /// The items that the metadata must hold.
    pub metadata: Metadata,
    /// What the mark must be.
    pub mark: Option<MarkFilter>,
}

/// What the mark of a resource must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkFilter {
    /// There is one: cloudfarm made it.
    Any,
    /// It is this one: this job made it.
    Is(Mark),
}

impl MarkFilter {
    /// Whether a resource with this mark is wanted.
    pub fn matches(&self, mark: Option<&Mark>) -> bool {
        match self {
            Self::Any => mark.is_some(),
            Self::Is(wanted) => mark == Some(wanted),
        }
    }
}

impl NodeQuery {
    /// The first page of all nodes.
    pub fn all() -> Self {
        Self::default()
    }

    /// The nodes that carry `mark`.
    pub fn marked(mark: Mark) -> Self {
        Self {
            mark: Some(MarkFilter::Is(mark)),
            ..Self::default()
        }
    }

    /// The nodes of exactly this name.
    pub fn named(name: &str) -> Self {
        Self {
            name: Some(escape_glob(name)),
            ..Self::default()
        }
    }

    /// Whether the node meets every condition. Drivers apply it to what the provider's own filters
    /// let through.
    pub fn matches(&self, node: &Node) -> bool {
        self.name
            .as_ref()
            .is_none_or(|glob| name_matches(glob, &node.name))
            && (self.states.is_empty() || self.states.contains(&node.state))
            && self
                .metadata
                .iter()
                .all(|(key, value)| node.metadata.get(key) == Some(value))
            && self
                .mark
                .as_ref()
                .is_none_or(|mark| mark.matches(node.mark.as_ref()))
    }

    /// Whether every node passes.
    pub fn is_unfiltered(&self) -> bool {
        self.name.is_none()
            && self.states.is_empty()
            && self.metadata.is_empty()
            && self.mark.is_none()
    }
}

/// Which images are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageQuery {
    /// The page.
    pub page: PageRequest,
    /// A glob that the name must match.
    pub name: Option<Text>,
    /// The id of whom the image must belong to; `self` for the credential's own. Providers with
    /// tens of thousands of public images list their own and well-known ones without it.
    pub owner: Option<Text>,
}

impl ImageQuery {
    /// Whether the image's name is wanted. Whose it is only the provider knows.
    pub fn matches(&self, image: &Image) -> bool {
        self.name
            .as_ref()
            .is_none_or(|glob| name_matches(glob, &image.name))
    }
}

/// A list of anything else, by page and by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// The page.
    pub page: PageRequest,
    /// A glob that the name must match.
    pub name: Option<Text>,
}

impl ListQuery {
    /// Whether the name is wanted.
    pub fn matches(&self, name: &str) -> bool {
        self.name
            .as_ref()
            .is_none_or(|glob| name_matches(glob, name))
    }
}

/// Whether `name` matches `glob`: `*` any characters, `?` one, `[ab]` one of these, `{a,b}` one of
/// these words, `\` takes the next character as it is. A name has no path, so `/` is a character
/// like any other.
pub fn name_matches(glob: &str, name: &str) -> bool {
    if !glob.contains(['*', '?', '[', '{', '\\']) {
        return glob == name;
    }
    // The matcher treats `/` as a separator that `*` does not cross.
    let flat = |text: &str| text.replace('/', "\u{1}");
    glob_match::glob_match(&flat(glob), &flat(name))
}

/// Whether the text asks for more than one exact name.
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// A glob that matches `name` and nothing else.
pub fn escape_glob(name: &str) -> Text {
    if !name.contains(['*', '?', '[', ']', '{', '}', '!', '\\']) {
        return Text::from(name);
    }
    let mut escaped = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '{' | '}' | '!' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    Text::from(escaped)
}

/// The name that a glob stands for, if it stands for one alone.
pub fn exact_name(glob: Option<&Text>) -> Option<String> {
    let glob = glob?;
    let mut name = String::with_capacity(glob.len());
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.push(characters.next()?),
            '*' | '?' | '[' | ']' | '{' | '}' => return None,
            other => name.push(other),
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::{escape_glob, exact_name, name_matches};
    use crate::Text;

    #[test]
    fn a_glob_without_wildcards_is_a_name() {
        let exact = |glob: &str| exact_name(Some(&Text::from(glob)));
        assert_eq!(exact("web-1").as_deref(), Some("web-1"));
        assert_eq!(exact(&escape_glob("a*[b]")).as_deref(), Some("a*[b]"));
        assert_eq!(exact("web-*"), None);
        assert_eq!(exact("{a,b}"), None);
    }

    #[test]
    fn globs_match_names() {
        assert!(name_matches("web-*", "web-1"));
        assert!(name_matches("*", "a/b"));
        assert!(name_matches("web-?", "web-1"));
        assert!(name_matches("{web,db}-1", "db-1"));
        assert!(!name_matches("web-*", "db-1"));
        assert!(!name_matches("web", "web-1"));
    }

    #[test]
    fn an_escaped_name_matches_itself_alone() {
        for name in [
            "plain",
            "a*b",
            "[x]",
            "{a,b}",
            "back\\slash",
            "!not",
            "what?",
        ] {
            let glob = escape_glob(name);
            assert!(name_matches(&glob, name), "{name} does not match {glob}");
        }
        assert!(!name_matches(&escape_glob("a*b"), "axb"));
    }
}
