"""What is done to the SQLite files while no service runs: `databases.py VERB FOLDER`.

neutron-tables  make neutron's schema from its models
wal             let readers and a writer work at the same time
checkpoint      fold the write-ahead logs in, so that a copy is whole
relocate        point the catalog at the ports of this run
"""
import glob
import os
import sqlite3
import sys

import endpoints


def neutron_tables(folder):
    import sqlalchemy
    from neutron.db.migration.models import head
    head.get_metadata().create_all(
        sqlalchemy.create_engine(f'sqlite:///{folder}/neutron.sqlite'))


def every(folder, pragma):
    for path in glob.glob(os.path.join(folder, '*.sqlite')):
        with sqlite3.connect(path) as database:
            database.execute(pragma)
        database.close()


def relocate(folder):
    database = sqlite3.connect(os.path.join(folder, 'keystone.sqlite'))
    with database:
        for kind, *_ in endpoints.CATALOG:
            changed = database.execute(
                'UPDATE endpoint SET url = ? WHERE service_id IN '
                '(SELECT id FROM service WHERE type = ?)',
                (endpoints.url(kind), kind)).rowcount
            if not changed:
                sys.exit(f'the catalog has no endpoint of type {kind}')
    database.close()


VERBS = {
    'neutron-tables': neutron_tables,
    'wal': lambda folder: every(folder, 'PRAGMA journal_mode=WAL'),
    'checkpoint': lambda folder: every(folder, 'PRAGMA wal_checkpoint(TRUNCATE)'),
    'relocate': relocate,
}

if __name__ == '__main__':
    VERBS[sys.argv[1]](sys.argv[2])
