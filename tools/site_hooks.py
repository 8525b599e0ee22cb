"""Hooks of the documentation site: pages from outside docs/, links between pages, and no request to elsewhere.

mkdocs calls the functions named `on_…` (mkdocs.yml, `hooks`).
"""

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# Files outside docs/ that become pages, and what the pages are called.
PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LOG.md": "log.md",
}
# [text](target) and [text](target#part), pictures as well; targets with a scheme stay as they are.
LINK = re.compile(r"\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
# What makes a browser load something when it shows the page. Links for people to click are none of it.
LOADED = {
    ".html": re.compile(
        r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href|srcset)=[\"']?((?:https?:)?//[^\"'\s>]+)"
    ),
    ".css": re.compile(r"(?:@import\s*|url\(\s*)[\"']?((?:https?:)?//[^\"')\s]+)"),
}
POLICY = 'http-equiv="Content-Security-Policy"'


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links to files of the repository lead to their pages."""
    sources = {page: source for source, page in PAGES.items()}
    folder = (ROOT / sources.get(page.file.src_uri, f"docs/{page.file.src_uri}")).parent
    return LINK.sub(lambda link: site_link(link, folder), markdown)


def site_link(link: re.Match[str], folder: Path) -> str:
    """A link as the site has it; its text alone where it leads to a file that is not on the site."""
    text, target, part = link.groups(default="")
    path = Path(os.path.normpath(folder / target))
    if not path.exists() or not path.is_relative_to(ROOT):
        return link.group()
    name = path.relative_to(ROOT).as_posix()
    if name not in PAGES and not name.startswith("docs/"):
        return text
    return f"[{text}]({PAGES.get(name, name.removeprefix('docs/'))}{part})"


def on_post_build(config: MkDocsConfig) -> None:
    """Fail where a page or style sheet loads something from elsewhere, or a page does not forbid its scripts to."""
    found = list(requests_elsewhere(Path(config.site_dir)))
    if found:
        raise Abort("\n".join(found))


def requests_elsewhere(site: Path) -> list[str]:
    """One line for each resource that `site` would load from another host, and for each page without the policy."""
    found = []
    for path in sorted(path for path in site.rglob("*") if path.suffix in LOADED):
        text = path.read_text("utf-8")
        found += [f"{path.relative_to(site)} loads {url}" for url in LOADED[path.suffix].findall(text)]
        if path.suffix == ".html" and POLICY not in text:
            found.append(f"{path.relative_to(site)} has no Content-Security-Policy, so its scripts may load anything")
    return found
