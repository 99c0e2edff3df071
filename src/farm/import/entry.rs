//! An entry of the farm before it is written.

use serde_json::{Map, Value, json};

/// The longest name that a cloud can have.
const LONGEST: usize = 63;

/// A cloud as it will stand in the farm.
#[derive(Clone)]
pub struct CloudDraft {
    /// How its source calls it.
    pub origin: String,
    /// How the farm will call it.
    pub name: String,
    /// Where it was, in words.
    pub from: String,
    /// The keys of the entry.
    pub entry: Map<String, Value>,
    /// Where secrets stand in the entry, as dotted keys; none if there are references alone.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for CloudDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudDraft")
            .field("origin", &self.origin)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl CloudDraft {
    /// The entry without its secrets, for the eye.
    pub fn shown(&self) -> Map<String, Value> {
        let mut shown = self.entry.clone();
        for secret in &self.secrets {
            let place = match secret.split_once('.') {
                None => shown.get_mut(secret),
                Some((table, key)) => shown.get_mut(table).and_then(|table| table.get_mut(key)),
            };
            if let Some(place) = place {
                *place = json!("[secret]");
            }
        }
        shown
    }
}

/// A name that a cloud of the farm can have, as near as can be to `origin`.
pub fn cloud_name(origin: &str) -> String {
    let mut name = String::new();
    for char in origin.chars().flat_map(char::to_lowercase) {
        match char {
            'a'..='z' | '0'..='9' | '_' | '-' => name.push(char),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches(['-', '_']);
    let mut name = match name.chars().next() {
        Some('a'..='z') => name.to_owned(),
        Some(_) => format!("cloud-{name}"),
        None => "cloud".to_owned(),
    };
    name.truncate(LONGEST);
    name
}

#[cfg(test)]
mod tests {
    use super::cloud_name;

    #[test]
    fn any_name_becomes_one_that_a_cloud_can_have() {
        for (origin, wanted) in [
            ("lab", "lab"),
            ("My Lab (old)", "my-lab-old"),
            ("Ärger.example", "rger-example"),
            ("2nd", "cloud-2nd"),
            ("_", "cloud"),
            ("a_b-c", "a_b-c"),
        ] {
            assert_eq!(cloud_name(origin), wanted);
        }
        assert_eq!(cloud_name(&"x".repeat(80)).len(), 63);
    }
}
