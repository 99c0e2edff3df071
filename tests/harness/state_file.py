"""What a dummy cloud holds, read from its state file and not through cloudfarm."""

import json
from collections import defaultdict
from datetime import datetime, timezone


class CloudState:
    """The nodes there are, and how many there ever were under each mark."""

    def __init__(self, path):
        self.records = {}
        self.ever = defaultdict(set)
        for line in path.read_text().splitlines()[1:]:
            self._apply(json.loads(line[17:]))

    def _apply(self, changes):
        for change in changes:
            for ordinal, record in (value for kind, value in change.items() if kind == "node"):
                if record is None:
                    self.records.pop(ordinal, None)
                    continue
                self.records[ordinal] = record
                self.ever[record.get("mark")].add(ordinal)

    def nodes(self):
        """Name and mark of each node that is there."""
        now = datetime.now(timezone.utc)
        return [
            (record["name"], record.get("mark"))
            for record in self.records.values()
            if not is_gone(record["phase"], now)
        ]

    def made_twice(self):
        """The marks under which more than one node was made at any time."""
        return {mark: len(ordinals) for mark, ordinals in self.ever.items() if len(ordinals) > 1}


def is_gone(phase, now):
    until = phase.get("until")
    if until is None or phase.get("then") is not None:
        return False
    # The fraction has up to nine digits, which fromisoformat takes from Python 3.11 on only.
    return datetime.fromisoformat(until.split(".")[0].rstrip("Z") + "+00:00") <= now
