"""Counts the texts and transitions of the stand-in's Beanstalk that have a public source: `python -m tests.witnesses`.

`local/beanstalk/witnesses.json` names the source of each event, cause and error, and `health.json` that of each
transition of health. `unwitnessed` marks a text or a transition that no public source shows.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.settings import ROOT

FOLDER = ROOT / "local/beanstalk"
UNWITNESSED = "unwitnessed"
INTERNAL = ("Unsuccessful", "ValueError", "self._timed_out", "Aborted")
"""Exceptions inside the stand-in, which no client gets."""

REASONS = ("_refusal", "_constraints")
"""The functions that return or yield the second part of an error's text."""


def data(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def errors() -> set[str]:
    """The texts of all errors in the code. Each value becomes `{}`."""
    return {text for file in FOLDER.rglob("*.py") for text in _errors(file) if " " in text}


def causes() -> set[str]:
    """The texts in the code that computes health. Each value becomes `{}`."""
    tree = ast.parse((FOLDER / "health.py").read_text())
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        _text(node, {})
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in inner | documented
    ]
    return {text for text in texts if sum(word.isalpha() for word in text.split()) > 1}


def _errors(file: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(file.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        named = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                if ast.unparse(node.exc.func) not in INTERNAL:
                    yield _text(node.exc.args[-1], named)
            elif isinstance(node, ast.Return | ast.Yield) and function.name in REASONS:
                value = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
                yield _text(value, named)


def _text(node: ast.expr | None, named: dict[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, named) for part in parts)
        case ast.FormattedValue(value=value):
            return _text(value, named) or "{}"
        case ast.Name(id=name) if name in named:
            return _text(named[name], {other: named[other] for other in named if other != name}) or "{}"
    return ""


def count() -> list[tuple[str, int, int]]:
    """For each kind, the number of texts with a source, and the number of all texts."""
    kinds = {
        "events": list(data("witnesses")["events"].values()),
        "causes of health": list(data("witnesses")["causes"].values()),
        "errors": list(data("witnesses")["errors"].values()),
        "transitions of health": [each["source"] for each in data("health")["transitions"]],
    }
    return [(kind, sum(source != UNWITNESSED for source in sources), len(sources)) for kind, sources in kinds.items()]


def sentence() -> str:
    """The sentence in docs/stand-in.md."""
    rows = count()
    parts = [f"{witnessed} of {total} {kind}" for kind, witnessed, total in rows]
    share = sum(witnessed for _, witnessed, _ in rows) / sum(total for _, _, total in rows)
    return f"A public source shows {', '.join(parts[:-1])}, and {parts[-1]}. This is {share:.0%} of all."


if __name__ == "__main__":
    sys.stdout.write(f"{sentence()}\n")
