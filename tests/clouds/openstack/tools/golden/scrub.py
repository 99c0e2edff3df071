"""Takes out of a reply what is secret and what differs from run to run.

Identifiers become others of the same shape, numbered in the order in which they
are met and the same in every file of one capture; times keep their format; ports
become those that people know; secrets become words.
"""
import datetime
import json
import os
import re

import endpoints

KNOWN_PORTS = {'PORT_KEYSTONE': 5000, 'PORT_PLACEMENT': 8778, 'PORT_GLANCE': 9292,
               'PORT_NEUTRON': 9696, 'PORT_NOVA': 8774, 'PORT_CINDER': 8776}
SECRETS = {
    'X-Subject-Token': 'token-of-the-golden-files', 'X-Auth-Token': 'token-of-the-golden-files',
    'adminPass': 'admin-pass', 'password': 'password', 'secret': 'secret',
    'private_key': '-----BEGIN OPENSSH PRIVATE KEY-----\nscrubbed\n-----END OPENSSH PRIVATE KEY-----\n',
}
UUID = re.compile(r'\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b')
HEX = re.compile(r'\b[0-9a-f]{32}\b')
HOST_ID = re.compile(r'\b[0-9a-f]{56}\b')
TIME = re.compile(r'\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?')
# Older times are constants, such as the dates in documents about versions.
RECENT = datetime.datetime(2025, 6, 1)
EPOCH = datetime.datetime(2025, 1, 2, 3, 4)


class Scrubber:
    def __init__(self, root):
        self.root = root
        self.start = datetime.datetime.utcnow().replace(second=0, microsecond=0)
        self.known = {}
        self.literals = {}

    def hide(self, value, word):
        """Replaces this very text wherever it appears."""
        self.literals[value] = word

    def document(self, document):
        text = json.dumps(self._secrets(document), indent=1, ensure_ascii=False)
        for value, word in self.literals.items():
            text = text.replace(value, word)
        for variable, port in KNOWN_PORTS.items():
            text = text.replace(f'{endpoints.IP}:{os.environ[variable]}', f'{endpoints.IP}:{port}')
        text = UUID.sub(lambda m: self._number(m, '00000000-0000-4000-8000-{:012x}'), text)
        text = HEX.sub(lambda m: self._number(m, '{:032x}'), text)
        text = HOST_ID.sub(lambda m: self._number(m, '{:056x}'), text)
        text = TIME.sub(self._time, text)
        if self.root in text:
            raise ValueError('a reply holds a path of this machine')
        return text + '\n'

    def _secrets(self, value, key=None):
        if isinstance(value, dict):
            return {k: self._secrets(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self._secrets(v) for v in value]
        return SECRETS[key] if key in SECRETS and isinstance(value, str) else value

    def _number(self, match, shape):
        return self.known.setdefault(match.group(), shape.format(len(self.known) + 1))

    def _time(self, match):
        time = datetime.datetime.fromisoformat(match.group(1))
        if time < RECENT:
            return match.group()
        shifted = time.replace(second=0) - self.start
        # What is older was seeded; how long ago says nothing.
        time = EPOCH + max(shifted, datetime.timedelta(minutes=-4))
        fraction = match.group(2) and '.' + '0' * (len(match.group(2)) - 1)
        return time.isoformat() + (fraction or '')
