from tinydigits.shipped.results import PUBLISHED, SHIPPED_ENGINE, measured


def test_the_published_figures_are_those_of_the_source():
    assert {name: (net.test, net.validation) for name, net in PUBLISHED.items()} == {
        "mlp": (0.7752, None),
        "cnn": (0.9731, 0.9754),
    }


def test_every_measured_net_has_figures_of_the_engine_that_trained_what_is_shipped():
    assert set(PUBLISHED) <= set(measured())
    for engines in measured().values():
        figures = engines[SHIPPED_ENGINE]
        assert figures["min"] <= figures["mean"] <= figures["max"]
        assert figures["n"] >= 5
