"""The document on configuration lists every field."""

import pytest

from tests.texts import ROOT
from wardrop.configuration.rules import EnvironmentConfiguration
from wardrop.configuration.schema import Configuration

DOCUMENT = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def rows(title: str) -> str:
    """The first column of the table under the title."""
    section = DOCUMENT.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return "".join(line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `"))


@pytest.mark.parametrize(
    ("title", "kind"),
    [("Fields of an environment", EnvironmentConfiguration), ("Fields of the application", Configuration)],
)
def test_every_field_is_documented_and_no_other(title, kind):
    documented = set(rows(title).replace("|", "").replace("`", "").replace(",", " ").split())
    assert documented == set(kind.__struct_fields__) - {"name"}
