"""The page that shows the OpenAPI document to people: plain HTML, without a script."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
section { border-top: 1px solid light-dark(#c9ccd1, #454a52); padding: 0.5rem 0; }
h2 { font-size: 1.1rem; margin: 0.5rem 0; }
code, pre { font: 0.9rem ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem; background: light-dark(#f0f0ec, #26292e); }
th, td { padding: 0.1rem 1rem 0.1rem 0; text-align: start; vertical-align: top; }
:focus-visible { outline: 3px solid light-dark(#0b57c4, #7db4ff); outline-offset: 2px; }
"""


def reference(document: Mapping[str, Any]) -> str:
    """Returns the page of an OpenAPI document."""
    title = escape(f"{document['info']['title']} {document['info']['version']}: the API")
    operations = [
        section(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<title>{title}</title>\n<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n</head>\n<body>',
            f"<header><h1>{title}</h1>",
            '<p>For programs: <a href="/openapi.json">the same as an OpenAPI document</a>.',
            'For people: <a href="/">draw a digit</a>.</p></header>\n<main>',
            *operations,
            "</main>\n</body>\n</html>\n",
        ]
    )


def section(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """Returns what one operation takes and answers."""
    name = escape(operation["operationId"])
    return "\n".join(
        [
            f'<section aria-labelledby="{name}">',
            f'<h2 id="{name}"><code>{method.upper()} {escape(path)}</code></h2>',
            f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p>",
            *table("Parameters", parameters(operation)),
            *bodies("A request holds", operation.get("requestBody", {})),
            *table("Answers", ((status, each["description"]) for status, each in operation["responses"].items())),
            *bodies("An answer holds", success(operation)),
            "</section>",
        ]
    )


def success(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the response to a request that is answered as asked."""
    found: Mapping[str, Any] = next(each for status, each in operation["responses"].items() if status.startswith("2"))
    return found


def parameters(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in operation.get("parameters", ()):
        yield each["name"], each.get("description", f"A part of the {each['in']}.")


def table(caption: str, rows: Iterator[tuple[str, str]]) -> list[str]:
    """Returns a table of names and what they mean; nothing if it would be empty."""
    lines = [f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(text)}</td></tr>' for name, text in rows]
    return [f"<h3>{caption}</h3>\n<table><tbody>", *lines, "</tbody></table>"] if lines else []


def bodies(caption: str, holder: Mapping[str, Any]) -> list[str]:
    """Returns the schema of each kind of body."""
    return [
        f"<details><summary>{caption}: <code>{escape(kind)}</code></summary>\n"
        f'<pre tabindex="0">{escape(json.dumps(content["schema"], indent=1, ensure_ascii=False), quote=False)}</pre>'
        "</details>"
        for kind, content in holder.get("content", {}).items()
    ]
