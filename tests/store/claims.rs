//! Who gets which job, and how fast.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cloudfarm::store::{Lane, Pick, Store};

use crate::ground::{Ground, all, job, on_both};

on_both!(
    each_job_is_claimed_once,
    priority_goes_before_age,
    limits_hold_over_all_workers,
    a_hundred_thousand_waiting_jobs_do_not_slow_the_claim,
);

async fn each_job_is_claimed_once(ground: &mut Ground) {
    const JOBS: usize = 120;
    let store = ground.open().await;
    let jobs: Vec<_> = (0..JOBS)
        .map(|number| {
            let mut new = job();
            new.cloud = format!("c{}", number % 3);
            new
        })
        .collect();
    store.submit_all(&jobs).await.unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..4 {
        let store = ground.open().await;
        workers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let name = format!("w{number}");
                let claimed = store.claim(&name, 60_000, false, all(2)).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|job| job.id));
            }
        });
    }
    let taken: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), JOBS);
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!(different.len(), JOBS);
}

async fn priority_goes_before_age(ground: &mut Ground) {
    let store = ground.open().await;
    let mut ids = Vec::new();
    for priority in [0, 5, 0, 5] {
        let mut new = job();
        new.priority = priority;
        store.submit(&new, None).await.unwrap();
        ids.push(new.id);
    }
    let claimed = store.claim("w", 60_000, false, all(9)).await.unwrap();
    let order: Vec<_> = claimed.iter().map(|job| job.id).collect();
    assert_eq!(order, [ids[1], ids[3], ids[0], ids[2]]);
}

async fn limits_hold_over_all_workers(ground: &mut Ground) {
    const LIMIT: i64 = 3;
    let store = ground.open().await;
    let jobs: Vec<_> = (0..20).map(|_| job()).collect();
    store.submit_all(&jobs).await.unwrap();
    let plan = |lanes: &[Lane]| -> Vec<Pick> {
        let room = |lane: &Lane| (LIMIT - lane.running).clamp(0, 2);
        let waiting = lanes.iter().filter(|lane| lane.head.is_some());
        waiting
            .filter(|lane| room(lane) > 0)
            .map(|lane| Pick {
                cloud: lane.cloud.clone(),
                project: lane.project.clone(),
                count: room(lane),
            })
            .collect()
    };
    let stores: Vec<Store> = [ground.open().await, ground.open().await, store].into();
    let claims = stores
        .iter()
        .map(|store| store.claim("w", 60_000, true, plan));
    let claimed = futures_util::future::join_all(claims).await;
    let count: usize = claimed
        .into_iter()
        .map(|claimed| claimed.unwrap().len())
        .sum();
    assert_eq!(count, 3);
}

async fn a_hundred_thousand_waiting_jobs_do_not_slow_the_claim(ground: &mut Ground) {
    let store = ground.open().await;
    let sql = match &*ground {
        Ground::Sqlite(_) => {
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
            INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, state, priority,
                run_at, attempt_max, timeout_ms, request_id, params, payload, created_at, updated_at)
            SELECT randomblob(16), 'CreateNode', 'default', 'c' || (n % 5),
                'c' || (n % 5) || ' default', 'node',
                CASE WHEN n % 4 = 0 THEN 'delayed' ELSE 'ready' END, 0, n, 3, 1000, 'r', '{}', x'00',
                n, n
            FROM numbers"
        }
        Ground::Postgres(_) => {
            "INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, state, priority,
                run_at, attempt_max, timeout_ms, request_id, params, payload, created_at, updated_at)
            SELECT gen_random_uuid(), 'CreateNode', 'default', 'c' || (n % 5),
                'c' || (n % 5) || ' default', 'node',
                CASE WHEN n % 4 = 0 THEN 'delayed' ELSE 'ready' END, 0, n, 3, 1000, 'r', '{}', '',
                n, n
            FROM generate_series(1, 100000) AS n;
            ANALYZE jobs"
        }
    };
    ground.execute(sql).await;
    let mut times = Vec::new();
    for _ in 0..20 {
        let started = Instant::now();
        let claimed = store.claim("w", 60_000, true, all(1)).await.unwrap();
        times.push(started.elapsed());
        assert_eq!(claimed.len(), 5);
    }
    times.sort_unstable();
    // Reading all of them takes far longer, also on a busy machine.
    assert!(times[10] < Duration::from_millis(60), "{times:?}");
}
