//! Which of a query's conditions the cloud looks at itself. The driver looks at all of them again.

use cloudfarm_contract::model::{Mark, NodeState};
use cloudfarm_contract::{MarkFilter, NodeQuery};

use crate::query::Query;

/// The states of what is there.
const THERE: &[&str] = &["pending", "running", "stopping", "stopped"];

/// The call that lists what may match; `None` if nothing can.
pub(super) fn call(query: &NodeQuery) -> Option<Query> {
    let mut call = Query::read("DescribeInstances").filter("instance-state-name", states(query)?);
    if let Some(pattern) = query.name.as_deref().and_then(pattern) {
        call = call.filter("tag:Name", [pattern]);
    }
    for (key, value) in &query.metadata {
        call = call.filter(format!("tag:{key}"), [escape(value)]);
    }
    if query.mark == Some(MarkFilter::Any) {
        call = call.filter("tag-key", [Mark::KEY]);
    }
    Some(call)
}

fn states(query: &NodeQuery) -> Option<Vec<&'static str>> {
    if query.states.is_empty() || query.states.contains(&NodeState::Unknown) {
        return Some(THERE.to_vec());
    }
    let wanted = query.states.iter().filter_map(|state| match state {
        NodeState::Pending => Some("pending"),
        NodeState::Running => Some("running"),
        NodeState::Stopping => Some("stopping"),
        NodeState::Stopped => Some("stopped"),
        _ => None,
    });
    let wanted: Vec<_> = wanted.collect();
    (!wanted.is_empty()).then_some(wanted)
}

/// The glob in the cloud's words, which know `*`, `?` and `\`; `None` where it says more than
/// that, or may mean a node without a name, which goes by its id.
fn pattern(glob: &str) -> Option<String> {
    let mut pattern = String::with_capacity(glob.len());
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match character {
            '[' | '{' => return None,
            '\\' => pattern.push_str(&escape(characters.next()?.encode_utf8(&mut [0; 4]))),
            _ => pattern.push(character),
        }
    }
    let may_be_id = match pattern.as_bytes() {
        [] | [b'*' | b'?', ..] => true,
        [b'i'] => false,
        [b'i', b'-' | b'*' | b'?', ..] => true,
        _ => false,
    };
    (!may_be_id && pattern.len() <= 255).then_some(pattern)
}

/// The text as a pattern that matches nothing else.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_pattern_never_asks_for_more_than_the_glob() {
        for (glob, expected) in [
            ("web-1", Some("web-1")),
            ("web-*", Some("web-*")),
            ("web\\*", Some("web\\*")),
            ("web\\[1\\]", Some("web[1]")),
            ("ice", Some("ice")),
            ("i-0abc*", None),
            ("i*", None),
            ("*", None),
            ("?eb", None),
            ("{web,db}-1", None),
            ("w[ab]", None),
        ] {
            assert_eq!(pattern(glob).as_deref(), expected, "{glob}");
        }
    }
}
