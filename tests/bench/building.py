"""Builds what the benchmarks measure."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# An example counts as a test, and so the programs beside it are built with the features that the
# tests' have: cargo finds all that the tests have built.
LIKE_THE_TESTS = ["--workspace", "--example", "table"]


def add_options(parser):
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    parser.add_argument("--debug", action="store_true",
                        help="measure what the tests run, without optimisation: that shows whether"
                             " the benchmark works, and nothing else")


def build(given, *programs, package=None):
    """Builds programs, which are packages of their own unless one is named; gives where they are."""
    kind = "debug" if given.debug else "dist"
    if not given.no_build:
        packages = [package] if package else programs
        alone = [f"--profile={kind}", *(f"--package={package}" for package in packages)]
        how = LIKE_THE_TESTS if given.debug else alone
        named = [f"--bin={program}" for program in programs]
        subprocess.run(["cargo", "build", "--quiet", *how, *named], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return [target / kind / program for program in programs]


def judged(given, missed):
    """The targets that were missed, as far as what was built can miss one."""
    if not given.debug:
        return list(missed)
    print("\nBuilt without optimisation: the benchmark works, and no target is judged.")
    return []
