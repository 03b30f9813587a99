"""The source of the functions' modules, and the environment variables that their wiring reads."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from tests.unit.samples import ROOT
from wardrop.wiring import Wiring

FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir() if (path / "app.py").exists())
NOT_IN_TEMPLATE = {"AWS_ENDPOINT_URL", "AWS_REGION"}
"""Lambda sets the region. AWS_ENDPOINT_URL is a variable of AWS's SDKs."""


class Environ(Mapping[str, str]):
    """Has every variable, and records which ones are read."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return "http://1" if name == "AWS_ENDPOINT_URL" else "1"

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


@cache
def parsed(function: str) -> ast.Module:
    return ast.parse((ROOT / "functions" / function / "app.py").read_text())


@cache
def variables_read(function: str) -> set[str]:
    """The variables that the wiring reads when it makes every object that the handler uses."""
    environ = Environ()
    wiring = Wiring(environ)
    for node in ast.walk(parsed(function)):
        match node:
            case ast.Attribute(value=ast.Name(id="wiring"), attr=name):
                getattr(wiring, name)
    return environ.read - NOT_IN_TEMPLATE
