"""The command and the stack have the same version."""

import tomllib

from tests.unit.samples import ROOT
from wardrop_cli import __version__
from wardrop_cli.stack import outputs_of


def test_the_version_is_the_same_wherever_it_is_stated() -> None:
    for project in ("pyproject.toml", "cli/pyproject.toml"):
        assert tomllib.loads((ROOT / project).read_text())["project"]["version"] == __version__
    template = (ROOT / "template.yaml").read_text()
    assert f"SemanticVersion: {__version__}\n" in template
    assert f'"Version": "{__version__}"' in template


def test_the_outputs_in_the_template_are_those_that_the_command_reads() -> None:
    template = (ROOT / "template.yaml").read_text()
    line = next(line for line in template.splitlines() if '"RunCommandUrl": "${Url}"' in line)
    value = line.partition("'")[2].rpartition("'")[0].replace("${Url}", "https://example.com/")
    outputs = outputs_of("/wardrop/outputs", value, is_local=False)
    assert (outputs.version, outputs.log_bucket is not None) == (__version__, True)
