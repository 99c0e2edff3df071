//! Tells notifiers what waits for them.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Result, name_matches};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::counters::{Came, Counters};
use super::event::Event;
use super::send::{Refused, Sender, TIMEOUT};
use crate::settings::{EventKind, NotifierSettings};
use crate::store::{Delivery, Store, Wanted};

/// How long nobody else tells what one process has taken.
const LEASE: Duration = TIMEOUT.saturating_add(Duration::from_secs(20));
/// The pause after the first failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// How long it is tried to tell something.
const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);
/// How often it is said which notifiers there are.
const REGISTER: Duration = Duration::from_secs(60);
/// How long what no settings have any more is kept: some process may be away just now.
const FORGET: Duration = Duration::from_secs(24 * 3600);

/// Tells notifiers what waits for them, each by a task of its own: one that hangs holds up neither
/// jobs nor the others.
#[derive(Debug)]
pub struct Courier {
    stopping: CancellationToken,
    tasks: TaskTracker,
    counters: Counters,
}

/// The way of what waits for one notifier.
struct Route {
    store: Store,
    sender: Sender,
    poll: Duration,
    stopping: CancellationToken,
    counters: Counters,
}

impl Courier {
    /// Looks for what waits each time that `poll` has passed.
    ///
    /// # Errors
    ///
    /// `internal` if no HTTP client can be made; `unavailable` if the store is.
    pub async fn start(
        store: Store,
        notifiers: &[NotifierSettings],
        poll: Duration,
    ) -> Result<Self> {
        let courier = Self {
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            counters: Counters::default(),
        };
        // Before anything can end that is to be told.
        register(&store, notifiers).await?;
        for settings in notifiers {
            courier.counters.begin(&settings.name);
            let route = Route {
                store: store.clone(),
                sender: Sender::new(settings.clone())?,
                poll,
                stopping: courier.stopping.clone(),
                counters: courier.counters.clone(),
            };
            courier.tasks.spawn(route.go_on());
        }
        let known: Arc<[NotifierSettings]> = notifiers.into();
        courier
            .tasks
            .spawn(keep_registered(store, known, courier.stopping.clone()));
        Ok(courier)
    }

    /// What it counts.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Puts back what is being told and ends.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn keep_registered(
    store: Store,
    notifiers: Arc<[NotifierSettings]>,
    stopping: CancellationToken,
) {
    loop {
        if let Err(error) = store.forget_notifiers(store.now() - millis(FORGET)).await {
            log::warn!("old notifiers cannot be forgotten: {error:?}");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = sleep(REGISTER) => {}
        }
        if let Err(error) = register(&store, &notifiers).await {
            log::warn!("notifiers cannot be registered: {error:?}");
        }
    }
}

async fn register(store: &Store, notifiers: &[NotifierSettings]) -> Result<()> {
    for notifier in notifiers {
        let wants = |kind| notifier.on.contains(&kind);
        let wanted = Wanted {
            job_failed: wants(EventKind::JobFailed),
            job_ended: wants(EventKind::JobEnded),
            lease_notice: wants(EventKind::LeaseNotice),
            lease_ended: wants(EventKind::LeaseEnded),
        };
        store.register_notifier(&notifier.name, wanted).await?;
    }
    Ok(())
}

impl Route {
    async fn go_on(self) {
        let name = self.sender.settings.name.clone();
        loop {
            let told = self.tell_next().await;
            let is_more = told.unwrap_or_else(|error| {
                log::warn!("notifier {name} cannot be served: {error:?}");
                false
            });
            if self.stopping.is_cancelled() {
                return;
            }
            if !is_more {
                tokio::select! {
                    () = self.stopping.cancelled() => return,
                    () = sleep(self.poll) => {}
                }
            }
        }
    }

    /// Tells what is due next; gives whether anything was.
    async fn tell_next(&self) -> Result<bool> {
        let name = &self.sender.settings.name;
        let Some(delivery) = self.store.take_delivery(name, millis(LEASE)).await? else {
            return Ok(false);
        };
        if !is_wanted(&self.sender.settings, &delivery) {
            self.store.drop_delivery(&delivery).await?;
            return Ok(true);
        }
        let event = match Event::of(&delivery) {
            Ok(event) => event,
            // It would be no better at another time.
            Err(error) => {
                log::error!(
                    "notifier {name} is not told of {}: {error:?}",
                    delivery.event
                );
                self.give_up(&delivery, error.message()).await?;
                return Ok(true);
            }
        };
        let sent = tokio::select! {
            () = self.stopping.cancelled() => {
                self.store.put_back_delivery(&delivery).await?;
                return Ok(false);
            }
            sent = self.sender.send(&event, delivery.attempt) => sent,
        };
        match sent {
            Ok(_) => {
                self.counters.told(name, Came::Taken);
                self.store.delivered(&delivery).await?;
            }
            Err(refused) => self.try_again(&delivery, &refused).await?,
        }
        Ok(true)
    }

    async fn try_again(&self, delivery: &Delivery, refused: &Refused) -> Result<()> {
        let Delivery {
            event, notifier, ..
        } = delivery;
        let now = self.store.now();
        if now - delivery.at > millis(GIVE_UP) {
            log::error!("notifier {notifier} was never told of {event}: {refused}");
            return self.give_up(delivery, &refused.why).await;
        }
        self.counters.told(notifier, Came::Refused);
        let pause = pause(delivery.attempt).max(refused.retry_after.unwrap_or_default());
        log::warn!(
            "notifier {notifier} was not told of {event} in try {}: {refused}; again in {:.1} s",
            delivery.attempt,
            pause.as_secs_f64()
        );
        let next_at = now + millis(pause);
        self.store
            .postpone_delivery(delivery, next_at, &refused.why)
            .await
    }

    async fn give_up(&self, delivery: &Delivery, why: &str) -> Result<()> {
        self.counters.told(&delivery.notifier, Came::Lost);
        self.store.give_up_delivery(delivery, why).await
    }
}

fn is_wanted(settings: &NotifierSettings, delivery: &Delivery) -> bool {
    let takes = |globs: &[String], name: &str| {
        globs.is_empty() || globs.iter().any(|glob| name_matches(glob, name))
    };
    let is_action = delivery.action.is_empty() || takes(&settings.actions, &delivery.action);
    is_action && takes(&settings.clouds, &delivery.cloud)
}

/// Doubled from try to try, and up to a quarter longer, so that many do not come back at once.
fn pause(attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or_default().min(16);
    let pause = PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    pause.mul_f64(1.0 + fastrand::f64() / 4.0)
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let is_about = |pause: Duration, seconds: u64| {
            let least = Duration::from_secs(seconds);
            (least..=least.mul_f64(1.25)).contains(&pause)
        };
        assert!(is_about(pause(1), 1));
        assert!(is_about(pause(2), 2));
        assert!(is_about(pause(5), 16));
        assert!(is_about(pause(1000), 900));
    }
}
