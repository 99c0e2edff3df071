//! Which of the known names was probably meant.

/// The known name that was probably meant by `wrong`; `None` if none is like it.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_ascii_lowercase();
    known
        .into_iter()
        .map(|known| (likeness(&known.to_ascii_lowercase(), &wrong), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}

/// From 0 to 1. Jaro and Winkler's measure alone is blind to swapped letters in short words.
fn likeness(known: &str, wrong: &str) -> f64 {
    let likeness = strsim::jaro_winkler(known, wrong);
    if known.len() > 2 && strsim::osa_distance(known, wrong) == 1 {
        likeness.max(0.9)
    } else {
        likeness
    }
}

/// The field that was probably meant, from serde's message about one that it does not know.
pub(crate) fn nearest_field(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown field `")?;
    let (wrong, rest) = rest.split_once("`, expected ")?;
    // Every second piece between backticks is a name: "one of `a`, `b`" and "`a` or `b`".
    nearest(wrong, rest.split('`').skip(1).step_by(2))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{nearest, nearest_field};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its field names matter")]
    struct Few {
        region: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its field names matter")]
    struct Many {
        region: Option<String>,
        host: Option<String>,
        api_version: Option<String>,
    }

    fn message<T: serde::de::DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        serde_json::from_str::<T>(json).unwrap_err().to_string()
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["auth_url", "region", "url"];
        assert_eq!(nearest("REGOIN", known), Some("region"));
        assert_eq!(nearest("ulr", known), Some("url"));
        assert_eq!(nearest("my lap", ["My Lab"]), Some("My Lab"));
        assert_eq!(nearest("banana", known), None);
    }

    #[test]
    fn a_message_of_serde_names_the_fields_there_are() {
        let few = message::<Few>(r#"{"regoin": "a"}"#);
        assert_eq!(nearest_field(&few), Some("region"), "{few}");
        let many = message::<Many>(r#"{"api_verison": "a"}"#);
        assert_eq!(nearest_field(&many), Some("api_version"), "{many}");
        let far = message::<Many>(r#"{"banana": "a"}"#);
        assert_eq!(nearest_field(&far), None, "{far}");
        assert_eq!(nearest_field("missing field `region`"), None);
    }
}
