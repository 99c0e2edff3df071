//! Times as EC2 writes them.

use cloudfarm_contract::Text;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads a time; what is none is no reason to refuse what it came with. Some versions of Eucalyptus
/// leave out that it is UTC.
pub(crate) fn optional(text: Option<&Text>) -> Option<Timestamp> {
    let text = text?.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let naive = text.parse::<DateTime>().ok()?;
    Some(naive.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
