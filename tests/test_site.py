"""The documentation site's own checks; `make site` builds it."""

import runpy
from pathlib import Path

import pytest

import tinydigits

ROOT = Path(__file__).parents[1]
SITE = runpy.run_path(str(ROOT / "tools" / "site_hooks.py"))
PAGE = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'


@pytest.mark.parametrize(
    ("name", "loaded"),
    [
        ("page.html", '<script src="https://cdn.example/x.js"></script>'),
        ("page.html", '<link rel="stylesheet" href="//fonts.example/css">'),
        ("page.html", "<img alt='' src='http://elsewhere.example/x.png'>"),
        ("style.css", "@import 'https://fonts.example/css';"),
        ("style.css", "a { background: url(https://elsewhere.example/x.png) }"),
    ],
)
def test_what_is_loaded_from_elsewhere_is_found(name, loaded, tmp_path):
    (tmp_path / name).write_text(PAGE + loaded, "utf-8")
    (found,) = SITE["requests_elsewhere"](tmp_path)
    assert found.startswith(f"{name} loads ")


def test_links_for_people_and_own_files_are_allowed(tmp_path):
    own = '<a href="https://example.org">there</a><img src="own.png"><script src="own.js"></script>'
    (tmp_path / "page.html").write_text(PAGE + own, "utf-8")
    assert SITE["requests_elsewhere"](tmp_path) == []


def test_a_page_that_does_not_bind_its_scripts_is_found(tmp_path):
    (tmp_path / "page.html").write_text("<p>", "utf-8")
    (found,) = SITE["requests_elsewhere"](tmp_path)
    assert "no Content-Security-Policy" in found


@pytest.mark.parametrize(
    ("folder", "link", "on_the_site"),
    [
        (".", "[a](docs/speed.md#part)", "[a](speed.md#part)"),
        ("docs", "[a](speed.md)", "[a](speed.md)"),
        ("docs", "[a](../LOG.md)", "[a](log.md)"),
        (".", "![a](docs/curves.png)", "![a](curves.png)"),
        ("docs", "[a](../benchmarks/results)", "a"),
        (".", "[a](nothing.md)", "[a](nothing.md)"),
        (".", "[a](https://example.org)", "[a](https://example.org)"),
    ],
)
def test_links_lead_to_the_pages_of_the_site(folder, link, on_the_site):
    assert SITE["LINK"].sub(lambda found: SITE["site_link"](found, ROOT / folder), link) == on_the_site


def test_the_page_of_python_names_has_all_of_them():
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert [name for name in tinydigits.__all__ if f"tinydigits.{name}" not in page] == []
