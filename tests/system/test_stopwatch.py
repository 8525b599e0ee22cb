from tinydigits.system.stopwatch import Stopwatch


def test_time_is_counted_by_phase_also_where_one_fails():
    stopwatch = Stopwatch()
    with stopwatch.phase("first"):
        pass
    try:
        with stopwatch.phase("second"):
            raise ValueError
    except ValueError:
        pass
    with stopwatch.phase("first"):
        pass
    assert list(stopwatch.as_json()) == ["first", "second"]
    assert sum(stopwatch.phases.values()) <= stopwatch.seconds
