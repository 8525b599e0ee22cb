"""The page's SHA-256 is everyone's."""

import hashlib

import pytest

from helpers.browser import needs_browser, page_with

pytestmark = needs_browser
ENTRY = 'import { sha256 } from "./learn/sha256.js";\nwindow.digest = (values) => sha256(Uint8Array.from(values));\n'


@pytest.fixture(scope="module")
def page(chromium):
    with page_with(chromium, ENTRY) as opened:
        yield opened


@pytest.mark.parametrize("length", [0, 3, 55, 56, 63, 64, 65, 3994])
def test_bytes_of_any_number_have_the_digest_of_python(page, length):
    values = [(7 * i + i // 256) % 256 for i in range(length)]
    assert page.evaluate("digest", values) == hashlib.sha256(bytes(values)).hexdigest()
