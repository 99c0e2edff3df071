//! The table of routes: every handler by its module. Method and path stand at the handler.

use super::errors_page::errors_page;
use super::register::{Register, answering, serve};
use super::{
    actions, addresses, clouds, console, docs, engines, health, images, job_events, jobs,
    key_pairs, leases, locations, metrics, networks, node_actions, node_snapshots, nodes,
    notifiers, orphans, provider_projects, quotas, routers, schedules, security_groups, sizes,
    subnets, volume_snapshots, volumes,
};

/// Everything that is served.
pub(super) fn routes<R: Register>(to: &mut R) {
    of_nodes(to);
    of_many_clouds(to);
    of_one_cloud(to);
    operations(to);
    to.page("/docs", answering(docs::to_page));
    to.page("/docs/", answering(docs::page));
    to.page("/docs/errors", answering(errors_page));
    to.page("/docs/{file}", answering(docs::file));
}

/// What those ask who run cloudfarm.
pub(super) fn operations<R: Register>(to: &mut R) {
    serve!(to: health { healthz, readyz } metrics { expose });
}

fn of_nodes<R: Register>(to: &mut R) {
    serve!(to:
        nodes { list, create, show, update, destroy }
        node_actions {
            start, stop, reboot, resize, confirm_resize, revert_resize, rebuild, suspend, resume,
            pause, unpause, shelve, unshelve, rescue, unrescue, change_password,
        }
        leases { change, assign, release }
        console { console, remote_console }
    );
}

fn of_many_clouds<R: Register>(to: &mut R) {
    serve!(to:
        clouds { list }
        nodes { list_all }
        actions { act }
        jobs { list, show, cancel, retry }
        job_events { follow }
        schedules { list, show, create, update, remove, run }
        images { list_all }
        sizes { list_all }
        locations { list_all }
        leases { list }
        notifiers { list, test }
        engines { list }
        docs { openapi }
    );
}

fn of_one_cloud<R: Register>(to: &mut R) {
    serve!(to:
        images { list, show, create, delete }
        sizes { list, show }
        locations { list, show }
        volumes { list, show, create, delete, attach, detach, extend }
        key_pairs { list, show, create, delete }
        volume_snapshots { list, show, create, delete }
        node_snapshots { list, show, create, delete, restore }
        networks { list, show, create, delete }
        subnets { list, show, create, delete }
        routers { list, show, create, update, delete, attach, detach }
        security_groups { list, show, create, delete, add_rule, remove_rule }
        addresses { list, show, allocate, release, associate, disassociate }
        orphans { list, adopt, forget, destroy }
        quotas { list }
        provider_projects { list }
        clouds { check, show }
    );
}
