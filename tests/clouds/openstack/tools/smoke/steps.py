"""Runs the steps, prints a line for each, and awaits what servers become."""
import os
import time

import openstack

TIMEOUT = 120


def until(what, ask, seconds=TIMEOUT):
    """The first true answer; an openstacksdk error counts as no answer."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        last = ask()
        if last:
            return last
        time.sleep(0.1)
    raise RuntimeError(f'{what}: still {last!r} after {seconds} s')


class Walk:
    """The connections, the seeded things, and the count of steps."""

    def __init__(self):
        self.demo = openstack.connect(cloud='demo')
        self.admin = openstack.connect(cloud='admin')
        self.passed = self.failed = 0
        self.mark = f'smoke-{os.getpid()}'
        self.undo = []

    def name(self, what):
        return f'{self.mark}-{what}'

    def step(self, name, action, *args, **kwargs):
        """Runs one step; a failed one is printed, counted and answered with None."""
        start = time.monotonic()
        try:
            result = action(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # every kind is a failed step
            self.failed += 1
            self._print(name, 'FAIL', start, f'{type(error).__name__}: {error}'[:300])
            return None
        self.passed += 1
        self._print(name, 'ok', start, '' if result is None else str(result)[:100])
        return result

    @staticmethod
    def _print(name, word, start, text):
        print(f'{name:<38} {word:<4} {time.monotonic() - start:6.2f}s  {text}', flush=True)

    def refuses(self, name, kind, action):
        """A step that passes when the cloud refuses with this exception."""
        def run():
            try:
                action()
            except kind as error:
                return error
            raise RuntimeError('was not refused')
        return self.step(name, run)

    def settled(self, server, status):
        """Waits until the server has the status and nothing is being done to it."""
        def ask():
            now = self.demo.compute.get_server(server.id)
            if now.status == 'ERROR' and status != 'ERROR':
                raise RuntimeError(f'ERROR: {now.fault}')
            return now if now.status == status and not now.task_state else None
        return until(f'status {status}', ask)

    def create_server(self, what, **keywords):
        keywords.setdefault('flavor_id', self.flavor.id)
        server = self.demo.compute.create_server(name=self.name(what), **keywords)
        self.undo.append(lambda: self.destroy_server(server))
        return server

    def destroy_server(self, server):
        self.demo.compute.delete_server(server)
        self.demo.compute.wait_for_delete(server, interval=0.1, wait=TIMEOUT)

    def clean(self):
        """Removes what the steps left, the last made first."""
        for action in reversed(self.undo):
            try:
                action()
            except openstack.exceptions.NotFoundException:
                pass
