//! What goes over what.

use cloudfarm::settings::{LogFormat, Span};

use crate::room::Room;

#[test]
fn later_sources_go_over_earlier_ones() {
    let room = Room::empty()
        .file(
            "default.toml",
            "[server]\nlisten = '127.0.0.1:1'\nworkers = 3\n[log]\nformat = 'json'\n",
        )
        .file(
            "production.toml",
            "[server]\nlisten = '127.0.0.1:2'\nkeep_alive = '1s'\n",
        )
        .variable("CLOUDFARM_ENV", "production")
        .variable("CLOUDFARM__SERVER__KEEP_ALIVE", "2s")
        .variable("CLOUDFARM__LOG__ACCESS", "false")
        .variable("CLOUDFARM__LAYERS__RATE_PER_SECOND", "2.5")
        .variable("CLOUDFARM__API__PAGE_LIMIT", "7")
        .variable("CLOUDFARM__API__WAIT_MAX", "");
    let settings = room.settings().unwrap();
    assert_eq!(settings.server.listen.port(), 2);
    assert_eq!(settings.server.workers, 3);
    assert_eq!(settings.server.keep_alive, Span::seconds(2));
    assert_eq!(settings.server.drain_timeout, Span::seconds(10));
    assert_eq!(settings.log.format, LogFormat::Json);
    assert!(!settings.log.access);
    assert!((settings.layers.rate_per_second - 2.5).abs() < f64::EPSILON);
    assert_eq!(settings.api.page_limit, 7);
    assert_eq!(settings.api.wait_max, Span::seconds(600));
}
