//! `X-Request-Id`: taken from the request where it is fit, made otherwise.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};

use actix_web::http::header::{HeaderMap, HeaderName};
use cloudfarm_contract::Text;

/// Characters in an id that is taken from a request.
const LENGTH_MAX: usize = 64;

/// The header, in and out.
pub(super) static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
pub(super) fn of(headers: &HeaderMap) -> Text {
    let given = headers.get(&HEADER).and_then(|value| value.to_str().ok());
    given.filter(|id| is_fit(id)).map_or_else(new, Text::from)
}

/// Letters that can stand in a log line and a header without harm.
fn is_fit(id: &str) -> bool {
    (1..=LENGTH_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

thread_local! {
    /// Random where a thread begins, counted on from there: unique without asking the system for
    /// each request.
    static NEXT: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
}

fn new() -> Text {
    let number = NEXT.replace(NEXT.get().wrapping_add(1));
    let mut digits = [0; 16];
    // There is room for exactly these digits.
    let _ = hex::encode_to_slice(number.to_be_bytes(), &mut digits);
    Text::from(std::str::from_utf8(&digits).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::is_fit;

    #[test]
    fn only_harmless_ids_are_taken() {
        assert!(is_fit("7f3a-01.x:y_z"));
        assert!(!is_fit(""));
        assert!(!is_fit("a b"));
        assert!(!is_fit("a\"b"));
        assert!(!is_fit(&"a".repeat(65)));
    }
}
