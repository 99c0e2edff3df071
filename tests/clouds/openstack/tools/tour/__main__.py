import sys

from . import faults, refusals, steps
from .farm import Farm
from .walk import Walk

with Farm() as farm:
    walk = Walk(farm)
    try:
        steps.walk(walk)
        faults.walk(walk)
        refusals.walk(walk)
    finally:
        walk.clean_up()
    print(f'{walk.passed} passed, {walk.failed} failed')
    sys.exit(1 if walk.failed else 0)
