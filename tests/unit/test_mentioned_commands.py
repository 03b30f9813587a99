"""Every text of the stack and of the command names a command as a person types it."""

import ast
from collections.abc import Iterator

import pytest

from tests.command_lines import check_wardrop, mentions
from tests.unit.samples import ROOT

SOURCES = sorted(
    path for folder in ("layers/wardrop", "functions", "cli", "installation") for path in (ROOT / folder).rglob("*.py")
)
BEFORE = ("", ": ", ", or ")
"""What precedes a command, so that people see where it begins. The whole text may also be the command."""


def texts(source: str) -> Iterator[str]:
    """The literals, but no docstrings. The value in an f-string is `x`."""
    nodes = list(ast.walk(ast.parse(source)))
    inside = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    apart = inside | {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            yield node.value


MENTIONED = [
    (f"{path.relative_to(ROOT)}: {' '.join(arguments)}", before, arguments)
    for path in SOURCES
    for text in texts(path.read_text())
    for before, arguments in mentions(text)
]


@pytest.mark.parametrize(("before", "arguments"), [each[1:] for each in MENTIONED], ids=[each[0] for each in MENTIONED])
def test_a_text_names_a_command_that_can_be_typed(before: str, arguments: list[str]):
    assert not before or before.endswith(BEFORE[1:]), before
    check_wardrop(arguments)


def test_texts_mention_most_verbs():
    verbs = {arguments[0] for _, _, arguments in MENTIONED}
    assert {
        "approve",
        "cancel",
        "clean",
        "config",
        "deploy",
        "history",
        "plan",
        "resume",
        "rollback",
        "status",
    } <= verbs


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("see it: wardrop status shop-prod; to end it: wardrop resume shop-prod", ["status", "shop-prod"]),
        ("list all environments: wardrop status", ["status"]),
        ("go on: wardrop watch shop. Then wait", ["watch", "shop"]),
        ("see: wardrop status a, or wardrop history a", ["status", "a"]),
    ],
)
def test_a_command_ends_at_a_separator(text: str, arguments: list[str]):
    assert next(mentions(text))[1] == arguments


@pytest.mark.parametrize("text", ["use it: wardrop status --nothing", "use it: wardrop pin shop-1"])
def test_a_command_that_cannot_be_typed_is_found(text: str):
    [(_, arguments)] = mentions(text)
    with pytest.raises(Exception, match=r"No such option|Missing"):
        check_wardrop(arguments)
