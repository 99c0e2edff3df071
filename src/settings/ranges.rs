//! Values that are of the right type and still make no sense.

use super::{LayerSettings, Settings, Span};

/// The section, the key (or two, if one of them is wrong for the other) and what would be right.
type Wrong = (&'static str, &'static [&'static str], String);

/// The path of a key and what would be right.
type WrongAt = (Vec<String>, &'static str);

const POSITIVE: &str = "must be more than 0";
const AT_LEAST_ONE: &str = "must be 1 or more";
const LEASE_MIN: Span = Span::seconds(1);
const SEARCH_MIN: Span = Span::seconds(1);
const SEARCH_MAX: Span = Span::seconds(600);
const KEPT_MIN: Span = Span::seconds(24 * 3600);

/// What of the server's settings makes no sense.
pub(super) fn of_server(settings: &Settings) -> Vec<Wrong> {
    let api = &settings.api;
    let mut wrong: Vec<Wrong> = [
        (api.body_limit > 0, &["body_limit"][..], AT_LEAST_ONE),
        (
            positive(api.request_timeout),
            &["request_timeout"],
            POSITIVE,
        ),
        (
            positive(api.fan_out_timeout),
            &["fan_out_timeout"],
            POSITIVE,
        ),
        (
            api.fan_out_concurrency > 0,
            &["fan_out_concurrency"],
            AT_LEAST_ONE,
        ),
        (api.page_limit > 0, &["page_limit"], AT_LEAST_ONE),
        (api.page_limit_max > 0, &["page_limit_max"], AT_LEAST_ONE),
    ]
    .into_iter()
    .filter(|(right, ..)| !right)
    .map(|(_, key, message)| ("api", key, message.to_owned()))
    .collect();
    if api.page_limit > api.page_limit_max {
        let message = format!(
            "page_limit ({}) must not be more than page_limit_max ({})",
            api.page_limit, api.page_limit_max
        );
        wrong.push(("api", &["page_limit", "page_limit_max"], message));
    }
    wrong.extend(of_jobs(settings));
    let layers = of_layers(&settings.layers).into_iter();
    wrong.extend(layers.map(|(key, message)| ("layers", key, message.to_owned())));
    wrong
}

/// What of the settings of jobs makes no sense.
fn of_jobs(settings: &Settings) -> Vec<Wrong> {
    let jobs = &settings.jobs;
    let mut wrong: Vec<Wrong> = [
        (jobs.pick > 0, &["pick"][..], AT_LEAST_ONE),
        (jobs.at_once > 0, &["at_once"], AT_LEAST_ONE),
        (jobs.tries > 0, &["tries"], AT_LEAST_ONE),
        (positive(jobs.timeout), &["timeout"], POSITIVE),
        (positive(jobs.poll), &["poll"], POSITIVE),
        (
            jobs.search_time >= SEARCH_MIN && jobs.search_time <= SEARCH_MAX,
            &["search_time"],
            "must be from 1s to 10m: clouds show after a while what they accepted, and the job waits",
        ),
        (
            jobs.lease >= LEASE_MIN,
            &["lease"],
            "must be 1s or more: it is renewed three times in that time",
        ),
        (
            jobs.kept_for >= KEPT_MIN,
            &["kept_for"],
            "must be 24h or more: an Idempotency-Key is good for so long",
        ),
    ]
    .into_iter()
    .filter(|(right, ..)| !right)
    .map(|(_, key, message)| ("jobs", key, message.to_owned()))
    .collect();
    let leases = &settings.leases;
    for (span, key) in [(leases.longest, &["longest"][..]), (leases.look, &["look"])] {
        if !positive(span) {
            wrong.push(("leases", key, POSITIVE.to_owned()));
        }
    }
    if settings.store.connections < 2 {
        let message = "must be 2 or more".to_owned();
        wrong.push(("store", &["connections"], message));
    }
    wrong
}

/// What of the settings of single kinds of jobs makes no sense.
pub(super) fn of_kinds(settings: &Settings) -> Vec<WrongAt> {
    let path = |action: &str, key: &str| ["jobs", "kinds", action, key].map(str::to_owned).to_vec();
    let kinds = settings.jobs.kinds.iter();
    kinds
        .flat_map(|(action, kind)| {
            [
                (kind.timeout.is_none_or(positive), "timeout", POSITIVE),
                (kind.tries.is_none_or(|it| it > 0), "tries", AT_LEAST_ONE),
            ]
            .into_iter()
            .filter(|(right, ..)| !right)
            .map(move |(_, key, message)| (path(action, key), message))
        })
        .collect()
}

/// What of the settings of layers makes no sense.
pub(super) fn of_layers(layers: &LayerSettings) -> Vec<(&'static [&'static str], &'static str)> {
    let rate = layers.rate_per_second;
    [
        (
            positive(layers.attempt_timeout),
            &["attempt_timeout"][..],
            POSITIVE,
        ),
        (layers.attempts > 0, &["attempts"], AT_LEAST_ONE),
        (
            rate.is_finite() && rate >= 0.0,
            &["rate_per_second"],
            "must be 0 or more",
        ),
        (layers.rate_burst > 0, &["rate_burst"], AT_LEAST_ONE),
    ]
    .into_iter()
    .filter(|(right, ..)| !right)
    .map(|(_, keys, message)| (keys, message))
    .collect()
}

fn positive(span: Span) -> bool {
    !span.get().is_zero()
}
