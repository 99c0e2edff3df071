"""Serves on a free port of loopback until it is ended: `python -m front ENVIRONMENT_FILE`.

OpenStack is where the PORT_ variables say. The file gets what clients need, once the port is open.
"""
import os
import sys
from pathlib import Path

from . import accounts
from .server import Front


def environment(port):
    demo = accounts.ACCOUNTS['demo']
    values = {
        'AUTH_URL': f'http://127.0.0.1:{port}/v2.0',
        'USER': demo.name,
        'API_KEY': demo.api_key,
        'PASSWORD': demo.password,
        'LEGACY_USER': 'legacy',
        'LEGACY_API_KEY': accounts.ACCOUNTS['legacy'].api_key,
    }
    return ''.join(f'export CLOUDFARM_RACKSPACE_{name}={value}\n'
                   for name, value in values.items())


def main():
    front = Front()
    file = Path(sys.argv[1])
    new = file.with_suffix('.new')
    new.touch(mode=0o600)
    new.write_text(environment(front.server_address[1]), encoding='utf-8')
    os.replace(new, file)
    front.serve_forever()


if __name__ == '__main__':
    main()
