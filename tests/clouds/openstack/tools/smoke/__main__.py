"""`python -m smoke`: every step, then the count."""
import sys

from smoke import access, network, servers, storage
from smoke.steps import Walk


def main():
    walk = Walk()
    try:
        access.sign_in(walk)
        access.choices(walk)
        access.key_pairs(walk)
        server = servers.born(walk)
        if server:
            servers.looked_at(walk, server)
            access.other_tenants(walk, server)
            servers.moved_about(walk, server)
            servers.snapshotted(walk, server)
            network.walk_through(walk, server)
            storage.walk_through(walk, server)
            walk.step('server delete', walk.destroy_server, server)
        servers.grouped(walk)
        servers.faults(walk)
        servers.timed(walk)
    finally:
        walk.step('clean up', walk.clean)
    print(f'{walk.passed} passed, {walk.failed} failed')
    return walk.failed > 0


if __name__ == '__main__':
    sys.exit(main())
