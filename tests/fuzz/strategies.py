"""Hostile texts and JSON documents that all targets share."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.oracle import SECRET

LONG = st.sampled_from([255, 256, 257, 1_000, 4_096, 65_000, 130_000])

NASTY = st.sampled_from(
    [
        "",
        " ",
        ".",
        "..",
        "../..",
        "\0",
        "\n[CRITICAL] forged",
        "\r\nNext step  wardrop approve",
        "\x1b[31mred",
        "\u2028\u2029\x85",
        "\u202egnp.war",
        "\ud800",
        "\udfff\ud800",
        "\ud83d\ude00",
        "😀" * 50,
        "<!channel> <@U1> `code` *bold* &amp;",
        "=?utf-8?b?a?=",
        "=?utf-8?q?=0a?=",
        "=?utf-7?q?+2AA-?=",
        "${jndi:ldap://x}",
        "' OR 1=1 --",
        "%s%n{0}{reason}",
        ".inf",
        "1:2:3",
        "!!python/object:os.system",
        "9" * 5_000,
        "a" * 101,
    ]
)

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    NASTY,
    st.builds(lambda unit, count: unit * (count // max(1, len(unit)) + 1), st.text(min_size=1, max_size=3), LONG),
)
"""Any text, with half surrogate pairs, control characters and lengths around known limits."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**300, 10**4000]),
    st.floats(),
    TEXT,
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=10
)


@st.composite
def mutated(draw: st.DrawFn, seed: Any) -> Any:
    """The document with a few values replaced, removed, doubled or renamed, at any depth."""
    document = json.loads(json.dumps(seed))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(document))
        if not places:
            return draw(DOCUMENTS)
        parent, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["replace", "text", "insert", "remove", "deep"]))
        if change == "replace":
            parent[key] = draw(DOCUMENTS)
        elif change == "text":
            old = parent[key]
            parent[key] = draw(TEXT) if not isinstance(old, str) else old + draw(TEXT)
        elif change == "insert" and isinstance(parent, dict):
            parent[draw(TEXT)] = draw(DOCUMENTS)
        elif change == "deep":
            parent[key] = _deep(draw(st.sampled_from([10, 60, 500])))
        elif isinstance(parent, dict):
            del parent[key]
    return document


def written(document: Any) -> str:
    """The document as JSON in one of the forms that Python's parser and others accept."""
    return json.dumps(document, ensure_ascii=False)


def _places(document: Any) -> Any:
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in list(items):
        yield document, key
        yield from _places(value)


def _deep(depth: int) -> Any:
    value: Any = SECRET[:0]
    for _ in range(depth):
        value = [value]
    return value
