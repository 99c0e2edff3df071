//! Suggestions for names that are not there.

use cloudfarm_contract::nearest;

/// The nearest name and all there are, as a hint.
pub(super) fn suggest<'a>(
    noun: &str,
    wanted: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let meant = nearest(wanted, known.clone())
        .map_or_else(String::new, |known| format!("did you mean {known:?}? "));
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        return format!("there are no {noun}");
    }
    format!("{meant}the {noun} are: {}", known.join(", "))
}
