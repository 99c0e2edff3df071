use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cloudfarm_contract::{
    Capabilities, Context, Driver, Judgement, Observation, Priority, Result, Text, WaitOutcome,
    wait_node,
};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::failure::{Failure, Outcome};
use crate::picks::Picks;
use crate::target::Target;

/// What the cases of one run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) target: Target,
    picks: OnceCell<Picks>,
    /// Running nodes that a case has done with and another may take.
    idle_nodes: Mutex<Vec<Text>>,
    names: AtomicU32,
}

impl Shared {
    pub(crate) fn new(target: Target) -> Self {
        Self {
            target,
            picks: OnceCell::new(),
            idle_nodes: Mutex::default(),
            names: AtomicU32::new(0),
        }
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        self.target.driver.capabilities()
    }

    pub(crate) fn cx(&self, timeout: Duration, request_id: &str) -> Context {
        Context::new(timeout, request_id, Priority::Job)
    }

    /// A name that nothing else in the run has.
    pub(crate) fn name(&self) -> Text {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        Text::from(format!("{}-{number}", self.target.prefix))
    }

    pub(crate) async fn picks(&self) -> Outcome<&Picks> {
        self.picks
            .get_or_try_init(|| async {
                let cx = self.cx(self.target.timeouts.change, "conformance-picks");
                Picks::make(&self.target, &cx).await
            })
            .await
    }

    pub(crate) fn take_idle_node(&self) -> Option<Text> {
        self.idle_nodes().pop()
    }

    pub(crate) fn give_idle_node(&self, id: Text) {
        self.idle_nodes().push(id);
    }

    fn idle_nodes(&self) -> std::sync::MutexGuard<'_, Vec<Text>> {
        self.idle_nodes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits a moment, on a clock that stands still by moving it.
    pub(crate) async fn pause(&self, pause: Duration) {
        if let Some(advance) = &self.target.advance {
            advance(pause);
        }
        tokio::time::sleep(pause).await;
    }

    /// [`wait_node`] on the target's clock.
    pub(crate) async fn wait_node(
        &self,
        driver: &dyn Driver,
        cx: &Context,
        id: &str,
        mut judge: impl FnMut(Observation<'_>) -> Judgement + Send,
    ) -> Result<WaitOutcome> {
        let step = self.target.policy.longest;
        let advance = self.target.advance.clone();
        let judge = |observation: Observation<'_>| {
            let judgement = judge(observation);
            if let (Judgement::Continue, Some(advance)) = (&judgement, &advance) {
                advance(step);
            }
            judgement
        };
        wait_node(driver, cx, id, &self.target.policy, judge).await
    }

    /// Looks until `probe` gives something, with growing pauses.
    pub(crate) async fn until<T, F>(
        &self,
        what: &str,
        limit: Duration,
        probe: impl Fn() -> F,
    ) -> Outcome<T>
    where
        F: Future<Output = Outcome<Option<T>>>,
    {
        let deadline = Instant::now() + limit;
        let mut pause = self.target.policy.first;
        loop {
            if let Some(found) = probe().await? {
                return Ok(found);
            }
            if Instant::now() + pause > deadline {
                return Err(Failure::new(format!(
                    "{what}: not so within {} s",
                    limit.as_secs_f32()
                )));
            }
            self.pause(pause).await;
            let longer = pause.mul_f64(self.target.policy.factor.max(1.0));
            pause = longer.min(self.target.policy.longest);
        }
    }
}
