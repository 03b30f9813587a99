"""`python -m tests.texts [COUNT] [SEED]`: draws texts of this project at random, for somebody who did not write them.

Docstrings, comments, and texts for people (string literals of five words or more) of the layer, the functions, the
installation, the stand-in and the measurements, and paragraphs of the documents. The reader marks each text that has to
be read twice.
"""

import ast
import io
import random
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("layers", "functions", "installation", "local", "bench")
DOCUMENTS = ("README.md", "docs")
FEWEST_WORDS = 5


def texts() -> Iterator[tuple[str, str]]:
    """Each text with its place, as path:line."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text()
            for line, text in sorted({*_literals(source), *_comments(source)}):
                yield f"{path.relative_to(ROOT)}:{line}", text
    for name in DOCUMENTS:
        place = ROOT / name
        for path in sorted(place.rglob("*.md")) if place.is_dir() else [place]:
            for line, text in _paragraphs(path.read_text()):
                yield f"{path.relative_to(ROOT)}:{line}", text


def _literals(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings and sentences. The values of an f-string become `{…}`."""
    tree = ast.parse(source)
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
            text = "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            text = node.value
        else:
            continue
        if _is_sentence(text):
            yield node.lineno, text.strip()


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments. Consecutive lines are one text."""
    found: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        text = token.string.lstrip("# ")
        if found and found[-1][0] + found[-1][1].count("\n") + 1 == token.start[0]:
            found[-1] = found[-1][0], f"{found[-1][1]}\n{text}"
        else:
            found.append((token.start[0], text))
    return (comment for comment in found if _is_sentence(comment[1]))


def _paragraphs(document: str) -> Iterator[tuple[int, str]]:
    plain = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), document, flags=re.MULTILINE | re.DOTALL)
    for number, line in enumerate(plain.splitlines(), 1):
        if _is_sentence(line):
            yield number, line.strip()


def _is_sentence(text: str) -> bool:
    """Whether the text has enough words. Regular expressions and comments for tools are not sentences."""
    is_for_people = not text.startswith("noqa") and "(?" not in text and "\\b" not in text
    return is_for_people and len(re.findall(r"[A-Za-z]{2,}", text)) >= FEWEST_WORDS


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 40
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(10_000)  # noqa: S311 - no secret
    drawn = random.Random(seed).sample(list(texts()), count)  # noqa: S311 - no secret
    print(f"seed {seed}")
    for number, (place, text) in enumerate(drawn, 1):
        print(f"\n{number}. {place}\n{text}")


if __name__ == "__main__":
    main(sys.argv[1:])
