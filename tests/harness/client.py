"""A client that asks again elsewhere when a server goes away, and judges every answer."""

import http.client
import itertools
import json
import random
import threading
import time

PREFIX = "/api/v1"
# How long one server may keep a request before the next one is asked.
PATIENCE = 4


class Wrong(Exception):
    """An answer that no server may give."""


class GaveUp(Exception):
    """Nobody answered until the end of the run."""


class Client:
    """Asks the servers at `addresses` in turn. Shared by threads."""

    def __init__(self, addresses, deadline):
        self.addresses = addresses
        self.deadline = deadline
        self.turns = itertools.count()
        self.counts = {"requests": 0, "answers": 0, "lost": 0, "deferred": 0}
        self.lock = threading.Lock()

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def ask(self, method, path, body=None, key=None, wait=None):
        """Status and JSON of the first answer that is not "ask again"."""
        while time.monotonic() < self.deadline:
            address = self.addresses[next(self.turns) % len(self.addresses)]
            self.count("requests")
            try:
                status, answer = send(address, method, path, body, key, wait)
            except (OSError, http.client.HTTPException):
                self.count("lost")
                time.sleep(random.uniform(0.02, 0.2))
                continue
            self.count("answers")
            if status >= 500 and answer.get("retryable"):
                self.count("deferred")
                time.sleep(random.uniform(0.05, 0.3))
                continue
            return status, answer
        raise GaveUp(f"{method} {path}")

    def expect(self, statuses, method, path, **more):
        """The JSON of an answer with one of these statuses; any other is wrong."""
        status, answer = self.ask(method, path, **more)
        judge(status in statuses, f"{method} {path} was answered with {status} {answer}")
        return answer

    def pages(self, path):
        """All items of a list."""
        cursor, items = "", []
        while cursor is not None:
            mark = "&" if "?" in path else "?"
            page = self.expect({200}, "GET", f"{path}{mark}limit=1000{cursor}")
            items += page["items"]
            cursor = f"&cursor={page['next']}" if page.get("next") else None
        return items


def judge(right, what):
    if not right:
        raise Wrong(what)


def send(address, method, path, body, key, wait):
    headers = {"Accept": "application/json"}
    if body is not None:
        body = json.dumps(body)
        headers["Content-Type"] = "application/json"
    if key:
        headers["Idempotency-Key"] = key
    if wait:
        headers["Prefer"] = f"wait={wait}"
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request(method, PREFIX + path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, {"not_json": text.decode(errors="replace")}
    finally:
        connection.close()
