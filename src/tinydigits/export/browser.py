"""Lets a page answer images in a browser without a window."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.engine.compiler.build import run
from tinydigits.errors import BrowserError

# Commands of browsers that can do it.
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A browser in a container is often run by root, which its sandbox refuses; the page is our own.
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions")
# Images that the page answers at once; more would only take more memory.
BATCH = 100
# What stands behind the page: it answers the images, then shows its answers, or the error, in place of all else.
QUESTION = """
<script type="text/plain" id="images">{images}</script>
<script>
(() => {{
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  let answer = "no answer";
  try {{
    const images = bytes(document.getElementById("images").textContent);
    const parts = [];
    for (let at = 0; at < images.length; at += {batch} * 784) {{
      const probabilities = window.tinydigits.answer(images.subarray(at, at + {batch} * 784));
      parts.push(btoa(String.fromCharCode(...new Uint8Array(probabilities.buffer))));
    }}
    answer = "answers:" + parts.join(",");
  }} catch (error) {{
    answer = "error:" + error;
  }}
  document.documentElement.replaceChildren(answer);
}})();
</script>
"""


def found_browser() -> str | None:
    """Returns the command of a browser of this machine."""
    return next((path for command in COMMANDS if (path := shutil.which(command))), None)


def answers(browser: str, page: str, images: UInt8Images) -> Float32Array:
    """Returns the probabilities, float32 [n, classes], that a page computes of images.

    Args:
        browser: the command.
        page: HTML, as `web_page` returns it.
        images: uint8 [n, 28, 28].

    Raises:
        BrowserError: the browser does not start, or the page fails.
    """
    with TemporaryDirectory(prefix="tinydigits-") as folder:
        file = Path(folder, "proof.html")
        pixels = base64.b64encode(images.tobytes()).decode()
        file.write_text(page + QUESTION.format(images=pixels, batch=BATCH), encoding="utf-8")
        done = run((browser, *OPTIONS, f"--user-data-dir={folder}/profile", "--dump-dom", file.as_uri()))
    answered = re.search(r"answers:([A-Za-z0-9+/=,]+)", done.stdout)
    if answered is None:
        said = re.search(r"error:[^<]*", done.stdout)
        raise BrowserError(
            f"browser `{browser}`",
            found=said.group() if said else f"exit status {done.returncode}: {done.stderr[-500:]}",
            expected="the page's answers",
            fix="Open the page in a browser, and look into its console.",
        )
    parts = (base64.b64decode(part) for part in answered.group(1).split(","))
    return np.frombuffer(b"".join(parts), "<f4").reshape(len(images), -1)
