//! The judge is judged: drivers that misbehave in one way each must be found out, by the case that
//! is there for it.

mod crooked;

use std::time::Duration;

use cloudfarm_conformance::{CaseReport, Deviation, Report, Target, Timeouts, Verdict, run};
use cloudfarm_contract::{NodeQuery, Text};

use crooked::{Crooked, Fault, context, honest};

fn target(fault: Fault) -> Target {
    let mut target = Target::new(Crooked::driver(fault)).quick();
    target.timeouts.settle = Duration::from_millis(100);
    target
}

async fn judge(target: Target) -> Report {
    run("crooked", target, |_| true).await
}

fn case<'r>(report: &'r Report, name: &str) -> &'r CaseReport {
    let found = report.cases.iter().find(|case| case.case == *name);
    found.unwrap_or_else(|| panic!("{name} was not run"))
}

/// The case must fail, for a reason that says `why`.
#[track_caller]
fn found_out(report: &Report, name: &str, why: &str) {
    let verdict = &case(report, name).verdict;
    let Verdict::Failed { why: said } = verdict else {
        panic!("{name} should fail: {verdict:?}");
    };
    assert!(
        said.contains(why),
        "{name} fails with {said:?}, not with {why:?}"
    );
}

#[tokio::test]
async fn an_honest_driver_passes() {
    let report = judge(target(Fault::None)).await;
    assert!(report.is_good(), "{report}");
    assert!(report.totals().passed > 25, "{report}");
}

#[tokio::test]
async fn each_fault_is_found_out_by_its_case() {
    let faults = [
        (
            Fault::GapInPages,
            "list_nodes_pages_without_gap_or_double",
            "misses",
        ),
        (
            Fault::DoubleInPages,
            "list_nodes_pages_without_gap_or_double",
            "twice",
        ),
        (
            Fault::LongPages,
            "list_nodes_pages_without_gap_or_double",
            "items on a page",
        ),
        (
            Fault::PagesInACircle,
            "list_nodes_pages_without_gap_or_double",
            "same page",
        ),
        (
            Fault::FiltersIgnored,
            "list_nodes_filters_by_state",
            "does not match",
        ),
        (
            Fault::MarkersSwallowed,
            "list_nodes_refuses_a_foreign_marker",
            "should fail with invalid",
        ),
        (Fault::MarksLost, "list_nodes_finds_the_mark", "mark"),
        (Fault::StopDestroys, "stop_and_start_node", "vanished"),
        (
            Fault::DestroyOfGoneFails,
            "destroy_node_twice_succeeds",
            "not_found",
        ),
        (
            Fault::UnknownIsInvalid,
            "get_node_of_unknown_id_is_not_found",
            "should fail with not_found",
        ),
        (
            Fault::RefusedAndMade,
            "create_node_of_unknown_image_makes_nothing",
            "yet made",
        ),
        (
            Fault::OtherCloud,
            "create_node_reaches_running",
            "says it is on cloud",
        ),
        (
            Fault::AddressesDisagree,
            "create_node_reaches_running",
            "public_ips",
        ),
        (
            Fault::IllegalActions,
            "create_node_reaches_running",
            "offers start",
        ),
        (
            Fault::OldObservations,
            "create_node_reaches_running",
            "was observed",
        ),
        (
            Fault::FullStop,
            "get_node_of_unknown_id_is_not_found",
            "full stop",
        ),
        (
            Fault::Panics,
            "rename_node_shows_the_new_name",
            "it panicked: out of names",
        ),
        (
            Fault::ClaimsVolumes,
            "capabilities_agree_with_accessors",
            "the accessors",
        ),
        (
            Fault::ClaimsVolumes,
            "volume_is_listed",
            "the accessor gives nothing",
        ),
    ];
    for (fault, name, why) in faults {
        let report = judge(target(fault)).await;
        found_out(&report, name, why);
    }
}

#[tokio::test]
async fn a_call_that_never_returns_ends_with_its_case() {
    let mut target = target(Fault::Hangs);
    target.timeouts = Timeouts {
        case: Duration::from_millis(50),
        ..target.timeouts
    };
    let report = run("crooked", target, |case| {
        case.name == "rename_node_shows_the_new_name"
    })
    .await;
    found_out(
        &report,
        "rename_node_shows_the_new_name",
        "did not end within",
    );
    assert!(report.left_behind.is_empty(), "{report}");
}

#[tokio::test]
async fn what_a_lost_reply_made_is_removed() {
    let target = target(Fault::LosesReplies);
    let driver = target.driver.clone();
    let report = judge(target).await;
    found_out(&report, "create_node_reaches_running", "reply");
    let left = driver
        .list_nodes(&context(), &NodeQuery::all())
        .await
        .unwrap();
    assert!(left.items.is_empty(), "{:?}", left.items);
}

#[tokio::test]
async fn what_cannot_be_removed_is_reported() {
    let mut target = target(Fault::KeepsNodes);
    target.timeouts.change = Duration::from_millis(20);
    target.timeouts.cleanup = Duration::from_millis(20);
    let report = judge(target).await;
    assert!(
        !report.left_behind.is_empty() && !report.is_good(),
        "{report}"
    );
}

#[tokio::test]
async fn a_case_is_skipped_only_for_a_capability() {
    let report = judge(Target::new(honest()).quick()).await;
    let verdict = &case(&report, "volume_is_listed").verdict;
    let missing = Text::from("volumes");
    assert_eq!(*verdict, Verdict::Skipped { missing });
}

#[tokio::test]
async fn a_known_deviation_is_named_and_an_outdated_one_fails() {
    let known = |case| Deviation {
        case,
        reason: Text::from("an old release"),
    };
    let mut target = target(Fault::DestroyOfGoneFails);
    target.deviations = vec![
        known("destroy_node_of_unknown_id_succeeds"),
        known("check_succeeds"),
        known("no_such_case"),
    ];
    let report = judge(target).await;
    let verdict = &case(&report, "destroy_node_of_unknown_id_succeeds").verdict;
    assert!(matches!(verdict, Verdict::Deviates { .. }), "{verdict:?}");
    found_out(&report, "check_succeeds", "take it off the list");
    assert!(report.left_behind[0].contains("no_such_case"), "{report}");
}
