//! Suggestions for names that are not there.

/// The nearest name and all there are, as a hint.
pub(super) fn suggest<'a>(
    noun: &str,
    wanted: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let nearest = known
        .clone()
        .map(|known| (strsim::jaro_winkler(known, wanted), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map_or_else(String::new, |(_, known)| {
            format!("did you mean {known:?}? ")
        });
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        return format!("there are no {noun}");
    }
    format!("{nearest}the {noun} are: {}", known.join(", "))
}
