//! Where a process that only carries out jobs tells how it fares.

use crate::room::Room;

#[test]
fn a_worker_listens_nowhere_unless_it_is_told_where() {
    let listens = |room: Room| room.settings().unwrap().worker.listen;
    assert_eq!(listens(Room::empty()), None);
    let file = |text: &str| Room::empty().file("default.toml", text);
    assert_eq!(listens(file("worker.listen = \"\"\n")), None);
    let address = "127.0.0.1:9100".parse().unwrap();
    let given = file("[worker]\nlisten = \"127.0.0.1:9100\"\n");
    assert_eq!(listens(given), Some(address));
    let variable = Room::empty().variable("CLOUDFARM__WORKER__LISTEN", "127.0.0.1:9100");
    assert_eq!(listens(variable), Some(address));
}

#[test]
fn what_is_no_address_is_told() {
    let room = Room::empty().file(
        "default.toml",
        "[worker]\nlisten = \"9100\"\n[leases]\nlook = \"0s\"\n",
    );
    let problems = room.settings().unwrap_err();
    assert_eq!(
        problems.lines().collect::<Vec<_>>(),
        [
            r#"default.toml: worker.listen: invalid socket address syntax; the default is """#,
            "default.toml: leases.look: must be more than 0",
        ]
    );
}
