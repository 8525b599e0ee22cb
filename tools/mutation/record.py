"""What mutation testing found: a line of JSON for each try, and counts of modules and packages."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Try:
    """One mutant under its module's tests: `seconds` of processor time."""

    module: str
    operator: str
    occurrence: int
    difference: str
    killed: bool
    seconds: float


# Of one mutant: its module, and the change.
Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class Count:
    """Mutants that were tested, those killed when first tried, and those killed by now."""

    tested: int = 0
    at_first: int = 0
    now: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.tested + other.tested, self.at_first + other.at_first, self.now + other.now)

    def __str__(self) -> str:
        first = f" ({self.at_first} at first)" if self.at_first != self.now else ""
        return f"{self.now} killed of {self.tested}{first}"


def key(tried: Try) -> Key:
    return tried.module, tried.operator, tried.occurrence, tried.difference


def read(path: Path) -> dict[Key, list[Try]]:
    """The tries of each mutant, the first one first."""
    tries = defaultdict(list)
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        tried = Try(**json.loads(line))
        tries[key(tried)].append(tried)
    return dict(tries)


def write(path: Path, tried: Try) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(tried)) + "\n")


def count(tries: Iterable[list[Try]]) -> Count:
    """Of mutants, each with all its tries."""
    both = [(one[0].killed, one[-1].killed) for one in tries]
    return Count(len(both), sum(first for first, _ in both), sum(last for _, last in both))


def table(counts: dict[str, Count]) -> str:
    """Modules' counts as a table in Markdown, a row a package."""
    packages: dict[str, list[Count]] = defaultdict(list)
    for module, counted in counts.items():
        packages[module.split("/")[0]].append(counted)
    rows = [row(f"`{package}`", of_package) for package, of_package in packages.items()]
    head = ["| package | modules | mutants tested | killed when first tried | killed now |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, row("all", list(counts.values()))])


def row(name: str, counts: list[Count]) -> str:
    total = sum(counts, Count())
    return f"| {name} | {len(counts)} | {total.tested} | {total.at_first} | {total.now} |"
