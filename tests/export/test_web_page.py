"""The page is one file with all in it."""

import json
import re

import pytest

from tinydigits.export import web_page as module
from tinydigits.export.web_page import Panel, data_element, described, filled, web_page
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.network import Network

# Most bytes of the page with `pocket`.
MOST_BYTES = 150_000


def test_the_page_of_pocket_is_small_and_names_no_other_file():
    page = web_page(*load_network("pocket"))
    assert len(page.encode()) <= MOST_BYTES
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"|https?://|@import|url\(", page) == []


def test_the_page_says_what_net_it_holds():
    page = web_page(*load_network("pocket"))
    assert "A net of 9,950 parameters, 99.65 % of MNIST's test images right." in page


def test_a_name_cannot_become_part_of_the_page():
    network, _ = load_network("mlp")
    page = web_page(network, Metadata("<b>&{{data}}</script>"))
    assert "<title>&lt;b&gt;&amp;{{data}}&lt;/script&gt; reads digits</title>" in page
    assert page.count("<b>") == 0
    model = re.search(r'id="model">(.*?)</script>', page, re.DOTALL).group(1)
    assert json.loads(model)["name"] == "<b>&{{data}}</script>"


def test_panels_are_in_the_page_or_left_out(monkeypatch):
    texts = {
        "extra/panel.html": "<p>more</p>",
        "extra/panel.css": "p {}",
        "extra/panel.js": 'import { register } from "../page.js";\nregister(() => {});\n',
    }
    own, own_modules = module.text_of, module.modules()
    monkeypatch.setattr(module, "text_of", lambda path: texts.get(path) or own(path))
    extra = module.Module("extra/panel.js", texts["extra/panel.js"])
    monkeypatch.setattr(module, "modules", lambda: [*own_modules, extra])
    network, metadata = load_network("mlp")
    with_panel = web_page(network, metadata, [Panel("extra", {"extra-data": "text"})])
    for part in ("<p>more</p>", "p {}", "$extra_panel =", '<script type="text/plain" id="extra-data">text</script>'):
        assert part in with_panel
        assert part not in web_page(network, metadata)
    assert with_panel.index("$extra_panel =") < with_panel.index("$main =")


def test_values_are_put_in_once():
    assert filled("a {{x}} b {{y}}", {"x": "{{y}}", "y": "2"}) == "a {{y}} b 2"


def test_data_that_would_end_its_element_are_refused():
    with pytest.raises(ValueError, match="script"):
        data_element("x", "</SCRIPT>")


def test_weights_are_described_in_kerass_order():
    network, metadata = load_network("cnn")
    model = described(network, metadata)
    places = [place for layer in model["layers"] for place in layer["weights"]]
    assert places == list(range(len(network.weights)))
    assert model["sizes"] == [weight.size for weight in network.weights]


def test_an_unsupported_layer_names_itself(monkeypatch):
    network, metadata = load_network("mlp")
    monkeypatch.setattr(module, "SUPPORTED", ("Flatten",))
    with pytest.raises(module.UnsupportedLayerError, match=r"layer 1: found Dense.*expected one of Flatten"):
        web_page(Network(network.input_shape, network.layers), metadata)


def test_the_page_computes_every_layer_that_is_described():
    kinds = re.search(r"const KINDS = \{(.*?)\n\};", module.text_of("net.js"), re.DOTALL).group(1)
    assert sorted(re.findall(r"^  (\w+):", kinds, re.MULTILINE)) == sorted(module.SUPPORTED)
