"""What must hold when all is over. Each check gives what is wrong, in words."""

from collections import Counter

from cluster import CLOUDS
from state_file import CloudState

ENDED = ("finished", "error", "cancelled")


def wanted(tasks, cloud):
    return {
        task.name: task.create_job
        for task in tasks
        if task.cloud == cloud and task.create_job and not task.destroy_job
    }


def nodes(cluster, client, tasks):
    """Nodes asked for are nodes there, once, each with the mark of the job that was promised."""
    for cloud in CLOUDS:
        want = wanted(tasks, cloud)
        state = CloudState(cluster.state_file(cloud))
        there = state.nodes()
        names = Counter(name for name, _ in there)
        for name, count in names.items():
            if count > 1:
                yield f"{cloud}: {name} is there {count} times"
            if name not in want:
                yield f"{cloud}: {name} is there, though nobody wants it"
        for name in want.keys() - names.keys():
            yield f"{cloud}: {name} is not there"
        for name, mark in there:
            # A job that undid what it made goes on with another mark: its id, a dot and a number.
            if name in want and str(mark).split(".")[0] != want[name]:
                yield f"{cloud}: {name} has the mark {mark}, its job is {want[name]}"
        listed = Counter(node["name"] for node in client.pages(f"/clouds/{cloud}/nodes"))
        if listed != names:
            yield f"{cloud}: cloudfarm lists other nodes than there are: {sorted((listed - names) + (names - listed))}"
        for mark, count in state.made_twice().items():
            yield f"{cloud}: job {mark} made {count} nodes in the course of time"


def jobs(client, tasks):
    """Every promise has its job, every job was promised, and all have ended well."""
    promised = {}
    for task in tasks:
        for action, job in (("CreateNode", task.create_job), ("DestroyNode", task.destroy_job)):
            if job in promised:
                yield f"{task.name}: {job} was promised twice"
            if job:
                promised[job] = (action, task)
    known = client.pages("/jobs")
    for job in known:
        action, task = promised.pop(job["id"], (None, None))
        if task is None:
            yield f"job {job['id']} ({job['action']} {job['params']}) was never promised"
        elif job["action"] != action:
            yield f"{task.name}: job {job['id']} is {job['action']}, promised was {action}"
        elif job["state"] != "finished":
            yield f"{task.name}: {action} {job['id']} is {job['state']}: {job.get('error')}"
        shown = task and task.ended.get(job["id"])
        if shown and shown["state"] != job["state"]:
            yield f"{task.name}: {job['id']} was shown as {shown['state']}, now {job['state']}"
    for job, (action, task) in promised.items():
        yield f"{task.name}: the job {job} of {action} is lost"
    for task in tasks:
        if task.problem:
            yield f"{task.name}: {task.problem}"
        elif not task.create_job:
            yield f"{task.name}: was never accepted"


def orphans(client):
    """cloudfarm's own list of things with its mark and without an owner is empty."""
    for cloud in CLOUDS:
        for orphan in client.pages(f"/clouds/{cloud}/orphans"):
            yield f"{cloud}: {orphan} is an orphan"


def unfinished(client):
    return [job for state in ("pending", "running") for job in client.pages(f"/jobs?state={state}")]
