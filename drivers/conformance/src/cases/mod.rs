//! The cases, one file per part of the contract.

mod addresses;
mod console;
mod core;
mod key_pairs;
mod lists;
mod networks;
mod node_changes;
mod node_create;
mod node_images;
mod node_limits;
mod node_lists;
mod node_power;
mod node_snapshots;
mod nodes;
mod power;
mod provider_projects;
mod quotas;
mod routers;
mod security_groups;
mod volume_snapshots;
mod volumes;

use std::sync::LazyLock;

use crate::case::Case;

/// Every case, in the order in which the contract speaks of them.
pub fn cases() -> &'static [Case] {
    static ALL: LazyLock<Vec<Case>> = LazyLock::new(|| {
        [
            core::CASES,
            node_lists::CASES,
            node_create::CASES,
            node_limits::CASES,
            nodes::CASES,
            node_power::CASES,
            lists::CASES,
            key_pairs::CASES,
            volumes::CASES,
            volume_snapshots::CASES,
            node_snapshots::CASES,
            node_images::CASES,
            networks::CASES,
            routers::CASES,
            security_groups::CASES,
            addresses::CASES,
            node_changes::CASES,
            power::CASES,
            console::CASES,
            quotas::CASES,
            provider_projects::CASES,
        ]
        .concat()
    });
    &ALL
}

/// Ids that nothing has: one in the form of `sample`, one in the form of no provider. Clients pass
/// on what people type, so both must be "not found" and nothing else.
fn unknown_ids(sample: Option<&str>) -> [String; 2] {
    let like = sample.map_or_else(|| "9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f".to_owned(), turned);
    [like, "no-such-thing".to_owned()]
}

/// The same text with every hexadecimal digit turned half around, and a few more where there are
/// too few to be sure.
fn turned(sample: &str) -> String {
    let mut turned: String = sample
        .chars()
        .map(|character| match character {
            '0'..='4' => char::from(character as u8 + 5),
            '5'..='9' => char::from(character as u8 - 5),
            'a'..='c' => char::from(character as u8 + 3),
            'd'..='f' => char::from(character as u8 - 3),
            other => other,
        })
        .collect();
    if sample.chars().filter(char::is_ascii_hexdigit).count() < 8 {
        turned.push_str("94815");
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::unknown_ids;

    #[test]
    fn an_unknown_id_looks_like_the_sample_and_is_another() {
        let [like, _] = unknown_ids(Some("i-0a1b2c3d4e"));
        assert_eq!(like, "i-5d6e7f8a9b");
        let [like, _] = unknown_ids(Some("node-17"));
        assert_ne!(like, "node-17");
    }
}
