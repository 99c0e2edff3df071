"""What no two runs share, and what therefore does not count when answers are compared."""

import re

PATTERNS = [
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?Z?", "TIME"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r'("request_id": ?")[^"]*', r"\1ID"),
    (r"(?i)(x-request-id: )\S+", r"\1ID"),
    (r"(request_id=)\S+", r"\1ID"),
    (r"\b[0-9a-f]{16}\b", "ID"),
    (r'("took_ms": ?)\d+', r"\1N"),
    (r"(kept nowhere: )\S+", r"\1SECRET"),
    (r"\b\d+ (us|ms)\b", r"N \1"),
    (r'W/"[0-9a-f]+"', "ETAG"),
    (r"(?i)(date: ).*", r"\1TIME"),
    (r"\b\d+(\.\d+)?(ms|s|m|h|d|mo|y)\b( \d+(ms|s|m|h)\b)?( ago)?", "AGE"),
    # The columns of a table are as wide as what stands in them.
    (r"[ ─]{2,}", "  "),
    (r"[ \t]+$", ""),
]
COMPILED = [(re.compile(pattern, re.MULTILINE), by) for pattern, by in PATTERNS]


def without_unstable(text):
    for pattern, by in COMPILED:
        text = pattern.sub(by, text)
    return text.strip()
