from tinydigits.figures import results as result_figures
from tinydigits.figures.results import Point


def test_a_comparison_has_a_dot_a_seed_and_an_interval_a_recipe():
    recipes = [
        {
            "recipe": name,
            "accuracy": {"mean": 0.5, "interval": interval},
            "runs": [{"accuracy": accuracy} for accuracy in (0.4, 0.5, 0.6)],
        }
        for name, interval in (("one", [0.45, 0.55]), ("two", None))
    ]
    figure = result_figures.comparison({"images": {"name": "digits"}, "recipes": recipes})
    (axis,) = figure.axes
    assert [len(line.get_xdata()) for line in axis.lines] == [3, 2, 1, 3, 1]
    assert list(axis.lines[0].get_xdata()) == [40, 50, 60]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["one", "two"]


def test_the_frontier_writes_every_net_where_it_belongs():
    ours = [Point(980, 0.989, "small", 0.001), Point(9914, 0.996, "large", 0.0005)]
    figure = result_figures.frontier(ours, [Point(7070, 0.994, "somebody's, best epoch")])
    (axis,) = figure.axes
    placed = {text.get_text(): text.xy for text in axis.texts if hasattr(text, "xy")}
    assert placed["large"] == (9914, 100 * (1 - 0.996))
    assert placed["a"] == (7070, 100 * (1 - 0.994))
    assert "a  somebody's, best epoch" in [text.get_text() for text in axis.texts]
    bottom, top = axis.get_ylim()
    assert bottom > top  # errors grow downwards, so that accuracy grows upwards


def test_the_frontier_draws_nothing_beyond_its_edges():
    figure = result_figures.frontier([Point(9914, 0.996, "a net with a name", 0.0005)], [Point(19_000, 0.994, "x")])
    figure.canvas.draw()
    tight, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(tight.x0, tight.y0) >= -0.025
    assert (tight.x1 <= width + 0.025, tight.y1 <= height + 0.025) == (True, True)
