//! Work that must end by a deadline.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use tokio::time::{Instant, timeout_at};

/// What `work` gives, or nothing if it has not ended by `deadline`. Work that ends at once, as an
/// answer from memory does, costs no timer.
pub async fn in_time<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let first = poll_fn(|task| Poll::Ready(work.as_mut().poll(task))).await;
    match first {
        Poll::Ready(done) => Some(done),
        // Boxed: whatever waits for this would carry the room for the timer.
        Poll::Pending => Box::pin(timeout_at(deadline, work)).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::in_time;

    #[tokio::test(start_paused = true)]
    async fn what_ends_by_the_deadline_is_given() {
        let deadline = Instant::now() + Duration::from_secs(2);
        assert_eq!(in_time(deadline, ready(1)).await, Some(1));
        let slow = async { sleep(Duration::from_secs(1)).await };
        assert_eq!(in_time(deadline, slow).await, Some(()));
        assert_eq!(in_time(deadline, pending::<()>()).await, None);
        assert_eq!(Instant::now(), deadline);
    }
}
