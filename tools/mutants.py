"""Mutation testing: whether the tests of a module notice one small change of its code, many times.

    python tools/mutants.py [--places N] [--seed N] [--record FILE] [MODULE …]

For each MODULE, `data/idx` or a package, `data` (default: all that are tested without TensorFlow), cosmic-ray makes
mutants, one at each of a seeded sample of places in the code. They are tested, in a copy of the checkout, by the
module's own tests, which have to pass without a mutant first. A line says how many were killed; the changes that
survived follow, and at the end a table of packages.

FILE gets a line of JSON for each try. Mutants that were killed in it already are not tried again, so the same command
tries the survivors alone after tests were added; the table tells both counts.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mutation import record
from mutation.made import sampled
from mutation.own_tests import modules, own_tests
from mutation.record import Key, Try, key
from mutation.tries import ROOT, NotTestedError, copied, tried, unchanged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--places", type=int, default=10, help="of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=Path, metavar="FILE")
    given = parser.parse_args()
    counts = {}
    with TemporaryDirectory(prefix="mutants-") as folder:
        copied(Path(folder))
        for module in asked(given.modules):
            try:
                tries = tested(module, Path(folder), given.places, given.seed, given.record)
            except NotTestedError as reason:
                print(f"{module}: left out, as {reason}", flush=True)
                continue
            counts[module] = record.count(tries)
            print(f"{module}: {counts[module]}", flush=True)
            for one in tries:
                if not one[-1].killed:
                    print(f"  survived: {one[-1].operator}\n{one[-1].difference}", flush=True)
    print(record.table(counts))


def asked(names: list[str]) -> list[str]:
    """All modules, or those that are named, by their own names or their packages', in that order."""
    every = modules(ROOT)
    return [one for name in names for one in every if f"{one}/".startswith(f"{name}/")] if names else every


def tested(module: str, copy: Path, places: int, seed: int, file: Path | None) -> list[list[Try]]:
    """The tries of each of a module's mutants."""
    path, tests = copy / "src" / "tinydigits" / f"{module}.py", own_tests(module)
    before: dict[Key, list[Try]] = record.read(file) if file else {}
    tries, as_is = [], None
    for mutant in sampled(path.read_text("utf-8"), places, seed):
        made = Try(module, mutant.operator, mutant.occurrence, mutant.difference, killed=False, seconds=0)
        earlier = before.get(key(made), [])
        if not any(one.killed for one in earlier):
            as_is = as_is or unchanged(copy, tests)
            ended = tried(copy, path, mutant.text, tests, as_is)
            made = replace(made, killed=not ended.passed, seconds=round(ended.processor, 2))
            earlier = [*earlier, made]
            if file:
                record.write(file, made)
        tries.append(earlier)
    return tries


if __name__ == "__main__":
    main()
