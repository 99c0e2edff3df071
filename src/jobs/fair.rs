//! Whose turn it is.

use std::collections::HashMap;

use crate::store::{Lane, Pick};

/// What a process may take.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    /// Jobs that it can carry out besides those that it does.
    pub(super) free: usize,
    /// Jobs that it takes in one go.
    pub(super) pick: usize,
    /// Jobs that it takes although it has no room, of clouds of which it carries out none.
    pub(super) extra: usize,
    /// Of which clouds it carries out jobs.
    pub(super) busy: &'a [String],
}

/// What may run on all machines together; 0 for no limit.
pub(super) struct Limits<'a> {
    pub(super) of_cloud: &'a (dyn Fn(&str) -> u32 + Sync),
    pub(super) of_project: u32,
}

/// What to take: the highest priority first; then the cloud, the project and the lane that have
/// least; then the oldest. A cloud of which the process does nothing always gets one turn, for jobs
/// mostly wait, and slow clouds must not hold up the others.
pub(super) fn plan(lanes: &[Lane], slots: &Slots<'_>, limits: &Limits<'_>) -> Vec<Pick> {
    let mut turn = Turn::new(lanes);
    for _ in 0..slots.pick.min(slots.free) {
        let Some(next) = turn.next(limits, |_| true) else {
            break;
        };
        turn.take(next);
    }
    for _ in 0..slots.extra {
        let taken = turn.taken.clone();
        let is_idle = |cloud: &str| {
            let has = |lane: usize| taken[lane] > 0 && lanes[lane].cloud == cloud;
            !slots.busy.iter().any(|busy| busy == cloud) && !(0..lanes.len()).any(has)
        };
        let Some(next) = turn.next(limits, is_idle) else {
            break;
        };
        turn.take(next);
    }
    turn.picks()
}

struct Turn<'a> {
    lanes: &'a [Lane],
    taken: Vec<i64>,
    of_cloud: HashMap<&'a str, i64>,
    of_project: HashMap<&'a str, i64>,
}

impl<'a> Turn<'a> {
    fn new(lanes: &'a [Lane]) -> Self {
        let mut turn = Self {
            lanes,
            taken: vec![0; lanes.len()],
            of_cloud: HashMap::new(),
            of_project: HashMap::new(),
        };
        for lane in lanes {
            *turn.of_cloud.entry(&lane.cloud).or_default() += lane.running;
            *turn.of_project.entry(&lane.project).or_default() += lane.running;
        }
        turn
    }

    fn next(&self, limits: &Limits<'_>, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let has_room = |running: i64, limit: u32| limit == 0 || running < i64::from(limit);
        self.lanes
            .iter()
            .enumerate()
            .filter_map(|(place, lane)| {
                let (priority, run_at) = lane.head?;
                let on_cloud = self.of_cloud[lane.cloud.as_str()];
                let in_project = self.of_project[lane.project.as_str()];
                let may = wanted(&lane.cloud)
                    && has_room(on_cloud, (limits.of_cloud)(&lane.cloud))
                    && has_room(in_project, limits.of_project);
                let in_lane = lane.running + self.taken[place];
                may.then_some((
                    (-i64::from(priority), on_cloud, in_project, in_lane, run_at),
                    place,
                ))
            })
            .min()
            .map(|(_, place)| place)
    }

    fn take(&mut self, place: usize) {
        let lane = &self.lanes[place];
        self.taken[place] += 1;
        *self.of_cloud.entry(&lane.cloud).or_default() += 1;
        *self.of_project.entry(&lane.project).or_default() += 1;
    }

    fn picks(&self) -> Vec<Pick> {
        self.lanes
            .iter()
            .zip(&self.taken)
            .filter(|(_, count)| **count > 0)
            .map(|(lane, count)| Pick {
                cloud: lane.cloud.clone(),
                project: lane.project.clone(),
                count: *count,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, Limits, Slots, plan};

    fn lane(cloud: &str, project: &str, running: i64, head: Option<(i32, i64)>) -> Lane {
        Lane {
            cloud: cloud.to_owned(),
            project: project.to_owned(),
            head,
            running,
        }
    }

    fn planned(lanes: &[Lane], slots: &Slots<'_>, limits: &Limits<'_>) -> Vec<(String, i64)> {
        plan(lanes, slots, limits)
            .into_iter()
            .map(|pick| (format!("{}/{}", pick.cloud, pick.project), pick.count))
            .collect()
    }

    const NO_LIMITS: Limits<'static> = Limits {
        of_cloud: &|_| 0,
        of_project: 0,
    };

    fn room(free: usize) -> Slots<'static> {
        Slots {
            free,
            pick: 10,
            extra: 0,
            busy: &[],
        }
    }

    #[test]
    fn a_thousand_jobs_of_one_cloud_leave_room_for_the_others() {
        let lanes = [
            lane("slow", "p", 6, Some((0, 1))),
            lane("fast", "p", 0, Some((0, 9))),
        ];
        let picks = planned(&lanes, &room(4), &NO_LIMITS);
        assert_eq!(picks, [("fast/p".to_owned(), 4)]);
    }

    #[test]
    fn projects_share_a_cloud() {
        let lanes = [
            lane("c", "many", 0, Some((0, 1))),
            lane("c", "few", 0, Some((0, 2))),
        ];
        let picks = planned(&lanes, &room(4), &NO_LIMITS);
        assert_eq!(picks, [("c/many".to_owned(), 2), ("c/few".to_owned(), 2)]);
    }

    #[test]
    fn priority_goes_first_but_not_over_a_limit() {
        let lanes = [
            lane("a", "p", 1, Some((5, 1))),
            lane("b", "p", 0, Some((0, 1))),
        ];
        let limits = Limits {
            of_cloud: &|cloud| if cloud == "a" { 2 } else { 0 },
            of_project: 4,
        };
        let picks = planned(&lanes, &room(9), &limits);
        assert_eq!(picks, [("a/p".to_owned(), 1), ("b/p".to_owned(), 2)]);
    }

    #[test]
    fn a_full_process_still_serves_a_cloud_of_which_it_does_nothing() {
        let lanes = [
            lane("slow", "p", 10, Some((0, 1))),
            lane("fast", "p", 0, Some((0, 9))),
        ];
        let busy = ["slow".to_owned()];
        let slots = Slots {
            extra: 3,
            busy: &busy,
            ..room(0)
        };
        let picks = planned(&lanes, &slots, &NO_LIMITS);
        assert_eq!(picks, [("fast/p".to_owned(), 1)]);
    }
}
