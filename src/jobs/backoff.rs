//! How long to wait before a job is tried again.

use std::time::Duration;

use crate::settings::JobSettings;

/// The pause after the `attempt`-th try failed: each is twice as long as the one before, up to a
/// limit, and differs by chance, so that jobs that failed together do not come back together.
/// `wanted` is what the cloud asked for.
pub(super) fn pause(settings: &JobSettings, attempt: i32, wanted: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or_default().min(20);
    let longest = settings.retry_pause_max.get();
    let pause = settings
        .retry_pause
        .get()
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(longest);
    pause
        .mul_f64(0.75 + fastrand::f64() / 2.0)
        .max(wanted.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;
    use crate::settings::JobSettings;

    #[test]
    fn pauses_grow_to_a_limit_and_heed_the_cloud() {
        let settings = JobSettings::default();
        let of = |attempt| pause(&settings, attempt, None).as_secs_f64();
        assert!((1.5..=2.5).contains(&of(1)));
        assert!((6.0..=10.0).contains(&of(3)));
        assert!((225.0..=375.0).contains(&of(1_000)));
        let asked = Duration::from_secs(900);
        assert_eq!(pause(&settings, 1, Some(asked)), asked);
    }
}
