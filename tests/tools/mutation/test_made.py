import ast

from mutation.made import changes, sampled

TEXT = """
def larger(one: int | None, other: int) -> int | None:
    rest: int | None = None
    if one is not None and one > other + 1:
        rest = one
    return rest
"""


def test_a_mutant_differs_from_the_module_in_one_statement():
    mutants = sampled(TEXT, 100, seed=0)
    for mutant in mutants:
        ast.parse(mutant.text)
        removed = [line for line in mutant.difference.splitlines() if line.startswith("-")]
        assert len(removed) == 1
        assert mutant.text != TEXT


def test_a_place_has_one_mutant_and_another_seed_draws_others():
    places = {change.place for change in changes(TEXT)}
    assert len(sampled(TEXT, 100, seed=0)) == len(places)
    assert sampled(TEXT, 2, seed=0) == sampled(TEXT, 100, seed=0)[:2]
    assert sampled(TEXT, 100, seed=0) != sampled(TEXT, 100, seed=1)


def test_what_is_only_a_type_is_not_changed():
    lines = {change.place[0] for change in changes(TEXT)}
    assert lines == {4}  # neither the signature nor `rest: int | None`


def test_what_cosmic_ray_cannot_change_is_passed_over():
    text = "try:\n    pass\nexcept (gzip.BadGzipFile, EOFError):\n    x = 1 + 1\n"
    assert len(sampled(text, 2, seed=0)) == 2
