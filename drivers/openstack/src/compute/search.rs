//! Which of a query's conditions Nova looks at itself.

use cloudfarm_contract::{NodeQuery, Text};

use super::status;
use crate::call::Call;

/// The call that lists what may match; `None` if nothing can.
///
/// Whether metadata can be searched depends on the cloud's policy, and Nova does not say that it
/// did not look, so that is done here.
pub(super) fn call(query: &NodeQuery) -> Option<Call> {
    let mut call = Call::get(&["servers", "detail"]).in_base_version();
    if !query.states.is_empty() {
        let statuses: Option<Vec<_>> = query.states.iter().map(|s| status::statuses(*s)).collect();
        if let Some(statuses) = statuses {
            let mut statuses = statuses.concat();
            statuses.sort_unstable();
            statuses.dedup();
            if statuses.is_empty() {
                return None;
            }
            for status in statuses {
                call = call.query("status", status);
            }
        }
    }
    let pattern = query.name.as_ref().and_then(pattern);
    Some(call.query_if("name", pattern))
}

/// A regular expression, for Nova, that finds at least what the glob does: the longest run of
/// plain characters in it. The databases behind Nova differ in everything beyond that.
fn pattern(glob: &Text) -> Option<String> {
    let mut longest = "";
    let mut rest = glob.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        if end > longest.len() {
            longest = &rest[..end];
        }
        rest = skip_special(&rest[end..]);
    }
    let longest = longest.to_owned();
    (!longest.is_empty()).then_some(longest)
}

/// What stands for itself in a glob and in every regular expression.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// What follows the special part at the start of `rest`. Within brackets and braces nothing has
/// to be in the name.
fn skip_special(rest: &str) -> &str {
    let mut characters = rest.chars();
    let close = match characters.next() {
        Some('[') => ']',
        Some('{') => '}',
        // The next character is a literal one, but it need not be plain.
        Some('\\') => {
            characters.next();
            return characters.as_str();
        }
        _ => return characters.as_str(),
    };
    match rest.rfind(close) {
        Some(at) => &rest[at + 1..],
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Text;

    use super::pattern;

    #[test]
    fn a_pattern_never_asks_for_more_than_the_glob() {
        for (glob, expected) in [
            ("web-1", Some("web-1")),
            ("web-*", Some("web-")),
            ("*", None),
            ("a?bcd*e", Some("bcd")),
            ("{web,database}-1", Some("-1")),
            ("[abc]x", Some("x")),
            ("x{a,[b]}y-z", Some("y-z")),
            ("my.web", Some("web")),
            ("a\\*bc", Some("bc")),
            ("{open", None),
        ] {
            assert_eq!(pattern(&Text::from(glob)).as_deref(), expected, "{glob}");
        }
    }
}
