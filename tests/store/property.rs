//! The queue against a model of it: whatever workers and clients do, in any order.

use std::collections::BTreeMap;

use cloudfarm::store::{Ending, JobNote, Lease, NewJob, RowState, Store};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use uuid::Uuid;

use crate::ground::{Ground, all, job};

/// What somebody does. Numbers choose among the jobs, or the leases that there ever were.
#[derive(Debug, Clone)]
enum Act {
    Submit { cloud: u8, priority: i32 },
    SubmitAll(Vec<(u8, i32)>),
    Claim { count: i64 },
    Note(usize),
    Renew(usize),
    End { lease: usize, state: RowState },
    EndAll(Vec<(usize, RowState)>),
    HandBack(usize),
    Expire(usize),
    Promote,
    Cancel(usize),
    Retry(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let any_one = any::<usize>;
    let states = prop_oneof![
        Just(RowState::Finished),
        Just(RowState::Error),
        Just(RowState::Delayed),
        Just(RowState::Cancelled),
    ];
    let ends = (any_one(), states.clone());
    prop_oneof![
        1 => vec((0..3_u8, 0..2), 0..4).prop_map(Act::SubmitAll),
        2 => vec(ends, 0..4).prop_map(Act::EndAll),
        4 => (0..3_u8, 0..2).prop_map(|(cloud, priority)| Act::Submit { cloud, priority }),
        4 => (1..3_i64).prop_map(|count| Act::Claim { count }),
        2 => any_one().prop_map(Act::Note),
        2 => any_one().prop_map(Act::Renew),
        3 => (any_one(), states).prop_map(|(lease, state)| Act::End { lease, state }),
        1 => any_one().prop_map(Act::HandBack),
        2 => any_one().prop_map(Act::Expire),
        1 => Just(Act::Promote),
        2 => any_one().prop_map(Act::Cancel),
        1 => any_one().prop_map(Act::Retry),
    ]
}

#[derive(Debug, Clone, PartialEq)]
struct Modelled {
    state: RowState,
    cloud: u8,
    priority: i32,
    attempt: i32,
    steps: usize,
    lease: Option<Lease>,
    cancel_requested: bool,
}

impl Modelled {
    fn new(cloud: u8, priority: i32) -> Self {
        Self {
            state: RowState::Ready,
            cloud,
            priority,
            attempt: 0,
            steps: 0,
            lease: None,
            cancel_requested: false,
        }
    }
}

#[derive(Debug, Default)]
struct Model {
    jobs: BTreeMap<Uuid, Modelled>,
    /// Every lease that there ever was.
    leases: Vec<Lease>,
}

impl Model {
    /// The job of a lease, if the lease still holds.
    fn holder(&mut self, lease: Lease) -> Option<&mut Modelled> {
        let job = self.jobs.get_mut(&lease.job)?;
        (job.lease == Some(lease)).then_some(job)
    }

    fn pick<T: Copy>(items: &[T], number: usize) -> Option<T> {
        items.get(number.checked_rem(items.len())?).copied()
    }

    fn ids(&self) -> Vec<Uuid> {
        self.jobs.keys().copied().collect()
    }

    async fn act(&mut self, store: &Store, act: &Act) {
        match *act {
            Act::Submit { cloud, priority } => self.submit(store, cloud, priority).await,
            Act::SubmitAll(ref all) => self.submit_all(store, all).await,
            Act::EndAll(ref all) => self.end_all(store, all).await,
            Act::Claim { count } => self.claim(store, count).await,
            Act::Promote => {
                store.promote().await.unwrap();
                for job in self.jobs.values_mut() {
                    if job.state == RowState::Delayed {
                        job.state = RowState::Ready;
                    }
                }
            }
            Act::Note(number) => {
                if let Some(lease) = Self::pick(&self.leases, number) {
                    let note = JobNote {
                        step: "{}\n".to_owned(),
                        ..JobNote::default()
                    };
                    let held = store.note(lease, &note).await.unwrap();
                    let job = self.holder(lease);
                    assert_eq!(held, job.is_some());
                    if let Some(job) = job {
                        job.steps += 1;
                    }
                }
            }
            Act::Renew(number) => {
                if let Some(lease) = Self::pick(&self.leases, number) {
                    let renewed = store.renew(&[lease], 3_600_000).await.unwrap();
                    let told = self.holder(lease).map(|job| job.cancel_requested);
                    assert_eq!(renewed, [told]);
                }
            }
            Act::End { lease, state } => self.end(store, lease, Ending::of(state), None).await,
            Act::HandBack(lease) => {
                let ending = Ending {
                    uncounted: true,
                    ..Ending::of(RowState::Ready)
                };
                self.end(store, lease, ending, None).await;
            }
            Act::Expire(lease) => {
                let ending = Ending::of(RowState::Ready);
                self.end(store, lease, ending, Some(i64::MAX)).await;
            }
            Act::Cancel(number) => self.cancel(store, number).await,
            Act::Retry(number) => self.retry(store, number).await,
        }
    }

    async fn submit(&mut self, store: &Store, cloud: u8, priority: i32) {
        let mut new = job();
        new.cloud = format!("c{cloud}");
        new.priority = priority;
        store.submit(&new, None).await.unwrap();
        self.jobs.insert(new.id, Modelled::new(cloud, priority));
    }

    async fn submit_all(&mut self, store: &Store, all: &[(u8, i32)]) {
        let new: Vec<_> = all
            .iter()
            .map(|(cloud, priority)| NewJob {
                cloud: format!("c{cloud}"),
                priority: *priority,
                ..job()
            })
            .collect();
        store.submit_all(&new).await.unwrap();
        for (new, (cloud, priority)) in new.iter().zip(all) {
            self.jobs.insert(new.id, Modelled::new(*cloud, *priority));
        }
    }

    async fn end_all(&mut self, store: &Store, all: &[(usize, RowState)]) {
        let mut endings: Vec<(Lease, Ending)> = Vec::new();
        for (number, state) in all {
            let Some(lease) = Self::pick(&self.leases, *number) else {
                return;
            };
            if endings.iter().all(|(other, _)| other.job != lease.job) {
                endings.push((lease, Ending::of(*state)));
            }
        }
        let held = store.end_all(&endings).await.unwrap();
        for ((lease, ending), held) in endings.iter().zip(held) {
            let job = self.holder(*lease);
            assert_eq!(held, job.is_some());
            if let Some(job) = job {
                job.state = ending.state;
                job.lease = None;
            }
        }
    }

    /// Each cloud gives its foremost, and never one that is not ready.
    async fn claim(&mut self, store: &Store, count: i64) {
        let claimed = store
            .claim("w", 3_600_000, false, all(count))
            .await
            .unwrap();
        for cloud in 0..3 {
            let highest_left = |jobs: &BTreeMap<Uuid, Modelled>, taken: &[Uuid]| {
                let left = jobs.iter().filter(|(id, job)| {
                    job.cloud == cloud && job.state == RowState::Ready && !taken.contains(id)
                });
                left.map(|(_, job)| job.priority).max()
            };
            let ids: Vec<Uuid> = claimed.iter().map(|job| job.id).collect();
            let of_cloud = claimed
                .iter()
                .filter(|job| job.cloud == format!("c{cloud}"));
            let lowest_taken = of_cloud.clone().map(|job| job.priority).min();
            if let (Some(left), Some(taken)) = (highest_left(&self.jobs, &ids), lowest_taken) {
                assert!(left <= taken, "a higher priority was left behind");
                assert_eq!(of_cloud.count(), usize::try_from(count).unwrap());
            }
            assert!(lowest_taken.is_some() || highest_left(&self.jobs, &[]).is_none());
        }
        for claimed in claimed {
            let job = self.jobs.get_mut(&claimed.id).unwrap();
            assert_eq!(job.state, RowState::Ready);
            job.state = RowState::Running;
            job.attempt += 1;
            job.lease = Some(claimed.lease());
            assert_eq!(claimed.attempt, job.attempt);
            assert_eq!(claimed.cancel_requested, job.cancel_requested);
            self.leases.push(claimed.lease());
        }
    }

    async fn end(&mut self, store: &Store, lease: usize, ending: Ending, expired_at: Option<i64>) {
        let Some(lease) = Self::pick(&self.leases, lease) else {
            return;
        };
        let held = store.end(lease, &ending, expired_at).await.unwrap();
        let job = self.holder(lease);
        assert_eq!(held, job.is_some());
        if let Some(job) = job {
            job.state = ending.state;
            job.lease = None;
            job.attempt -= i32::from(ending.uncounted);
        }
    }

    async fn cancel(&mut self, store: &Store, number: usize) {
        let Some(id) = Self::pick(&self.ids(), number) else {
            return;
        };
        let answer = store.cancel(id).await;
        let job = self.jobs.get_mut(&id).unwrap();
        assert_eq!(answer.is_err(), job.state.has_ended());
        match job.state {
            RowState::Delayed | RowState::Ready if job.attempt == 0 => {
                job.state = RowState::Cancelled;
                job.cancel_requested = true;
            }
            RowState::Delayed | RowState::Ready => {
                job.state = RowState::Ready;
                job.cancel_requested = true;
            }
            RowState::Running => job.cancel_requested = true,
            RowState::Finished | RowState::Error | RowState::Cancelled => {}
        }
    }

    async fn retry(&mut self, store: &Store, number: usize) {
        let Some(id) = Self::pick(&self.ids(), number) else {
            return;
        };
        let answer = store.retry(id, 3).await;
        let job = self.jobs.get_mut(&id).unwrap();
        let may = matches!(job.state, RowState::Error | RowState::Cancelled);
        assert_eq!(answer.is_ok(), may);
        if may {
            job.state = RowState::Ready;
            job.cancel_requested = false;
        }
    }

    async fn compare(&self, store: &Store) {
        for (id, job) in &self.jobs {
            let row = store.get(*id).await.unwrap();
            assert_eq!(row.state, job.state);
            assert_eq!(row.attempt, job.attempt);
            assert_eq!(row.steps.lines().count(), job.steps);
            assert_eq!(row.cancel_requested, job.cancel_requested);
            assert_eq!(row.ended_at.is_some(), job.state.has_ended());
        }
    }
}

fn holds_on(ground: &Ground, cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(ground.open());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(act(), 1..60), |acts| {
        runtime.block_on(async {
            ground.execute("DELETE FROM jobs").await;
            let mut model = Model::default();
            for act in &acts {
                model.act(&store, act).await;
            }
            model.compare(&store).await;
        });
        Ok::<(), TestCaseError>(())
    });
    outcome.unwrap();
    runtime.block_on(async { drop(store) });
}

#[test]
fn the_queue_is_as_its_model_on_sqlite() {
    holds_on(&Ground::sqlite(), 48);
}

#[test]
fn the_queue_is_as_its_model_on_postgresql() {
    holds_on(&Ground::postgres(), 32);
}
