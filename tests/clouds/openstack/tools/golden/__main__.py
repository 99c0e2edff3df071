"""`python -m golden FOLDER`: records every reply anew."""
import glob
import os
import sys

from golden import compute, identity, image, network, server
from golden.recorder import Recorder


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    recorder = Recorder(folder, os.environ['CLOUDFARM_OPENSTACK_DIR'])
    left = recorder.get('compute', '/servers')['servers']
    if left:
        sys.exit(f'demo has {len(left)} servers, which would be in the lists; run up --fresh first')
    for old in glob.glob(os.path.join(folder, '*.json')):
        os.remove(old)
    for part in (identity, image, network, compute, server):
        part.capture(recorder)
    recorder.record('placement-versions', 'GET', 'placement', '//')
    recorder.record('placement-error-404', 'GET', 'placement', '/resource_providers/0', who='admin')
    print(f'{recorder.count} replies in {folder}')


if __name__ == '__main__':
    main()
