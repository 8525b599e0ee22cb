"""The mutants of a module: copies of its code by cosmic-ray, each with one small change."""

import ast
import difflib
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# A place in a text: line, counted from 1, and column, counted from 0.
Place = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """What cosmic-ray can do to a module: its `occurrence`-th use of `operator`."""

    operator: str
    occurrence: int
    place: Place


@dataclass(frozen=True)
class Mutant:
    """A module's text with one change; `difference` is its unified diff without context."""

    operator: str
    occurrence: int
    text: str
    difference: str


def sampled(text: str, places: int, seed: int) -> list[Mutant]:
    """Returns mutants at so many places of a text, or at all that it has, drawn with `seed`.

    A place has up to a dozen changes, of which one is drawn: a sample of changes would be mostly of sums. More places
    are the same ones and others.
    """
    by_place = defaultdict(list)
    for change in changes(text):
        by_place[change.place].append(change)
    chosen = sorted(by_place)
    random.Random(seed).shuffle(chosen)
    made = (mutant(text, random.Random(f"{seed} {place}").choice(by_place[place])) for place in chosen)
    return list(islice(filter(None, made), places))


def changes(text: str) -> list[Change]:
    """Returns all changes of a text, but those of types: with `annotations` imported, nothing evaluates these."""
    tree, types = get_ast(text), annotations(text)
    made = []
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():  # these need to be told what to put in
            continue
        starts = [start for node in ast_nodes(tree) for start, _ in kind().mutation_positions(node)]
        made += [Change(name, occurrence, start) for occurrence, start in enumerate(starts)]
    return [change for change in made if not any(start <= change.place < end for start, end in types)]


def annotations(text: str) -> list[tuple[Place, Place]]:
    """Returns where a text states types, from start to end."""
    nodes = list(ast.walk(ast.parse(text)))
    stated = [node.annotation for node in nodes if isinstance(node, ast.arg | ast.AnnAssign)]
    stated += [node.returns for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
        for node in stated
        if node is not None
    ]


def mutant(text: str, change: Change) -> Mutant | None:
    try:
        changed = mutate_code(text, get_operator(change.operator)(), change.occurrence)
    except AttributeError:  # cosmic-ray 8.7.0 cannot replace an exception of a dotted name, as gzip.BadGzipFile
        return None
    lines = difflib.unified_diff(text.splitlines(), changed.splitlines(), lineterm="", n=0)
    difference = "\n".join(line for line in lines if not line.startswith(("---", "+++")))
    return Mutant(change.operator, change.occurrence, changed, difference)
