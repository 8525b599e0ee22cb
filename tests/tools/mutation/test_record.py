from mutation.record import Count, Try, count, key, read, table, write


def a_try(killed, module="data/idx", occurrence=0):
    return Try(module, "core/AddNot", occurrence, "-if a:\n+if not a:", killed, 0.5)


def test_tries_come_back_as_they_were_written_those_of_a_mutant_together(tmp_path):
    path = tmp_path / "record.jsonl"
    assert read(path) == {}
    tries = [a_try(False), a_try(True, occurrence=1), a_try(True)]
    for one in tries:
        write(path, one)
    assert read(path) == {key(tries[0]): [tries[0], tries[2]], key(tries[1]): [tries[1]]}


def test_a_mutant_that_survived_its_first_try_counts_as_killed_by_now():
    assert count([[a_try(False), a_try(True)], [a_try(False)], [a_try(True)]]) == Count(tested=3, at_first=1, now=2)


def test_the_table_has_a_row_a_package_and_their_sum():
    counts = {"data/idx": Count(10, 8, 9), "data/plain": Count(5, 5, 5), "export/c/text": Count(2, 0, 1)}
    assert table(counts).splitlines()[2:] == [
        "| `data` | 2 | 15 | 13 | 14 |",
        "| `export` | 1 | 2 | 0 | 1 |",
        "| all | 3 | 17 | 13 | 15 |",
    ]
