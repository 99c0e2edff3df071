"""The load: users that make nodes and destroy some of them again."""

import random
import threading
import uuid
from dataclasses import dataclass, field

from client import judge

# The share of requests that are sent twice on purpose.
TWICE = 0.15
# The share of nodes that are destroyed again.
DESTROYED = 0.5


@dataclass
class Task:
    """One node: what was asked for, and the jobs that were promised."""

    name: str
    cloud: str
    destroy: bool
    create_key: str
    destroy_key: str
    twice: bool
    create_job: str | None = None
    destroy_job: str | None = None
    problem: str | None = None
    ended: dict = field(default_factory=dict)


def tasks(seed, creations, clouds):
    draw = random.Random(seed)
    key = lambda: str(uuid.UUID(int=draw.getrandbits(128), version=4))
    return [
        Task(
            name=f"node-{number:04}",
            cloud=clouds[number % len(clouds)],
            destroy=draw.random() < DESTROYED,
            create_key=key(),
            destroy_key=key(),
            twice=draw.random() < TWICE,
        )
        for number in range(creations)
    ]


class Users:
    """Threads that carry the tasks out through a client."""

    def __init__(self, client, all_tasks, users):
        self.client = client
        self.queue = iter(all_tasks)
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(users)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def busy(self):
        return any(thread.is_alive() for thread in self.threads)

    def _work(self):
        while True:
            with self.lock:
                task = next(self.queue, None)
            if task is None:
                return
            try:
                self._carry_out(task)
            except Exception as error:
                # Whatever it is, it is told at the end, and the other tasks go on.
                task.problem = f"{type(error).__name__}: {error}"

    def _carry_out(self, task):
        nodes = f"/clouds/{task.cloud}/nodes"
        body = {"name": task.name, "image": "ubuntu-24.04*", "size": "small"}
        task.create_job = self._submit(task, "CreateNode", "POST", nodes, task.create_key, body)
        made = self._end(task, task.create_job)
        if not task.destroy or made["state"] != "finished":
            return
        node = made["resource"]["id"]
        path = f"{nodes}/{node}"
        task.destroy_job = self._submit(task, "DestroyNode", "DELETE", path, task.destroy_key)
        self._end(task, task.destroy_job)

    def _submit(self, task, action, method, path, key, body=None):
        """The id of the job that was promised."""
        job = self.client.expect({200, 202}, method, path, body=body, key=key)
        judge(
            job.get("action") == action and job.get("cloud") == task.cloud,
            f"{method} {path} was answered with another job: {job}",
        )
        if task.twice:
            again = self.client.expect({200, 202}, method, path, body=body, key=key)
            judge(
                again.get("id") == job["id"], f"{method} {path} twice made two jobs: {job} {again}"
            )
        return job["id"]

    def _end(self, task, job_id):
        while True:
            job = self.client.expect({200}, "GET", f"/jobs/{job_id}", wait=2)
            judge(job.get("id") == job_id, f"job {job_id} was shown as {job}")
            if job["state"] in ("finished", "error", "cancelled"):
                task.ended[job_id] = job
                return job
