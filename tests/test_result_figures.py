from tinydigits import result_figures
from tinydigits.result_figures import Point


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
    placed = {text.get_text(): text.xy for text in axis.texts}
    assert placed["large"] == (9914, 100 * (1 - 0.996))
    assert set(placed) == {"small", "large", "somebody's, best epoch"}
    top, bottom = axis.get_ylim()[::-1]
    assert top < bottom  # errors grow downwards, so that accuracy grows upwards
