"""docs/guard.md agrees with the decisions of the guard."""

import re

from tests.guard_table import DOCUMENT, EFFECTS, document
from wardrop.commands.answers import EXIT_CODES
from wardrop.guard.effect import Effect
from wardrop.guard.scope import Scope

TEXT = DOCUMENT.read_text("utf-8")


def test_its_tables_are_those_of_the_data_files():
    """If this fails, run: python -m tests.guard_table"""
    assert document() == TEXT
    assert EFFECTS.keys() == set(Scope)


def test_it_has_every_effect_and_every_exit_code():
    assert set(re.findall(r"^\| `(\w+)` \| [0-9]+ \|", TEXT, re.MULTILINE)) == set(EXIT_CODES)
    codes = {int(code) for code in re.findall(r"^\| `\w+` \| ([0-9]+) \|", TEXT, re.MULTILINE)}
    assert codes == set(EXIT_CODES.values())
    assert set(re.findall(r"^\| `(\w+)` \| (?![0-9]+ )", TEXT, re.MULTILINE)) >= {str(effect) for effect in Effect}
