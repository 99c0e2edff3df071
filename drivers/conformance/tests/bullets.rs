//! The bullets of the contract and the cases of the suite are the same names.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cloudfarm_conformance::cases;

fn sources() -> Vec<PathBuf> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract/src");
    let mut sources = vec![contract.join("driver.rs")];
    for entry in std::fs::read_dir(contract.join("extensions")).unwrap() {
        sources.push(entry.unwrap().path());
    }
    sources
}

/// The `name` of every line of the form "/// - `name`".
fn bullets() -> BTreeSet<String> {
    let mut bullets = BTreeSet::new();
    for source in sources() {
        for line in std::fs::read_to_string(&source).unwrap().lines() {
            let bullet = line.trim().strip_prefix("/// - `");
            if let Some(name) = bullet.and_then(|rest| rest.strip_suffix('`')) {
                bullets.insert(name.to_owned());
            }
        }
    }
    bullets
}

#[test]
fn every_bullet_is_a_case_and_every_case_a_bullet() {
    let names: BTreeSet<String> = cases().iter().map(|case| case.name.to_owned()).collect();
    assert_eq!(
        names.len(),
        cases().len(),
        "a case stands twice in the suite"
    );
    let bullets = bullets();
    assert!(
        bullets.len() > 80,
        "the bullets were not found: {bullets:?}"
    );
    let without_case: Vec<_> = bullets.difference(&names).collect();
    let without_bullet: Vec<_> = names.difference(&bullets).collect();
    assert!(
        without_case.is_empty() && without_bullet.is_empty(),
        "bullets without a case: {without_case:?}; cases without a bullet: {without_bullet:?}"
    );
}
