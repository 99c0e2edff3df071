//! What a process that carries out jobs does beside answering requests: the worker, the reaper of
//! leases and the courier of notices.

use cloudfarm_contract::Result;

use super::setup::Setup;
use crate::jobs::Worker;
use crate::leases::Reaper;
use crate::notify::Courier;
use crate::settings::Settings;

/// The three, started and drained together.
pub(super) struct Background {
    worker: Worker,
    reaper: Reaper,
    courier: Courier,
}

impl Background {
    pub(super) async fn start(setup: &Setup) -> Result<Self> {
        let Setup {
            settings,
            jobs,
            farm,
            state,
            ..
        } = setup;
        let poll = settings.jobs.poll.get();
        let (store, leases) = (jobs.store().clone(), settings.leases.clone());
        let background = Self {
            courier: Courier::start(store, &settings.notifiers, poll).await?,
            reaper: Reaper::start(jobs.clone(), farm.clone(), leases, poll),
            worker: Worker::start_with(jobs.clone(), farm.clone(), state.kinds()),
        };
        state.metrics().add(|registry| {
            background.reaper.counters().register(registry);
            background.courier.counters().register(registry);
        });
        Ok(background)
    }

    pub(super) async fn drain(self, settings: &Settings) {
        self.worker.stop();
        self.reaper.stop().await;
        let patience = settings.jobs.drain_timeout.get();
        let left = self.worker.drain(patience).await;
        if left > 0 {
            log::warn!("{left} jobs had not ended and are handed back");
        }
        self.courier.stop().await;
    }
}
