"""Reads the documents: their fenced blocks, and the commands in these blocks."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SEPARATORS = re.compile(r"[;&|()]+")
_REDIRECTION = re.compile(r"(?<=\s)\d?[<>]+(&\d|\s?[\w./-]+)")
_WORDS_OF_THE_SHELL = {"then", "do", "done", "else", "fi", "if", "while", "until", "for", "!", "{", "}"}


@dataclass(frozen=True)
class Block:
    document: str
    """The name of the file."""

    heading: str
    """The text of the heading above the block."""

    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(path: Path) -> list[Block]:
    text = path.read_text("utf-8")
    return [
        Block(
            document=path.name,
            heading=_last_heading(text[: found.start()]),
            line=text.count("\n", 0, found.start()) + 1,
            language=found[2].strip(),
            text=re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE),
        )
        for found in _FENCE.finditer(text)
    ]


def every_block() -> list[Block]:
    return [block for path in DOCUMENTS if path.exists() for block in blocks(path)]


def block_under(document: str, heading: str, language: str) -> Block:
    """The only block of this language under a heading."""
    [block] = [
        each for each in every_block() if (each.document, each.heading, each.language) == (document, heading, language)
    ]
    return block


def commands(script: str) -> Iterator[list[str]]:
    """The simple commands of a shell script as lists of words, with those in pipelines and substitutions."""
    for line in script.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in [*_tokens(line), ";"]:
            if _SEPARATORS.fullmatch(word) or word in _WORDS_OF_THE_SHELL:
                yield from [words] if words else []
                words = []
            elif words or not re.fullmatch(r"\w+=.*", word, re.DOTALL):  # an assignment before a command
                words.append(word)


def _tokens(line: str) -> list[str]:
    """Words and separators, without redirections."""
    lexer = shlex.shlex(_REDIRECTION.sub(" ", line), posix=True, punctuation_chars="();|&")
    lexer.whitespace_split = True
    return list(lexer)


def _last_heading(text: str) -> str:
    headings: list[str] = re.findall(r"^#+ (.*)$", re.sub(_FENCE, "", text), re.MULTILINE)
    return headings[-1] if headings else ""
