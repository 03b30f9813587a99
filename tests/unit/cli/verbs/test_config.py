"""`wardrop config`: a document is checked before it is stored."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.small_stack import SmallStack
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode

NAME = "/wardrop/applications/shop"
TEXT = "environments:\n  - name: shop-prod\n"
VALID = {"answer": "checked", "application": "shop", "problem": None, "environments": ["shop-prod"]}


def shown(version: int | None = None, document: str | None = None) -> dict[str, Any]:
    source = "document" if document else "defaults"
    configuration = {"application": "shop", "parameter": NAME, "source": source, "version": version}
    return {"answer": "configuration", "configuration": configuration, "document": document}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(TEXT)
    return path


def test_a_document_with_a_problem_is_refused(
    file: Path, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["config check"] = 200, VALID | {"problem": "not YAML"}
    assert run(["config", "check", str(file), "--app", "shop"]) == ExitCode.REFUSED
    assert capsys.readouterr().out == "shop.yaml is not valid for shop: not YAML.\n"
    assert run(["config", "push", str(file), "--app", "shop"]) == ExitCode.REFUSED
    assert "the document is not valid: not YAML. Nothing was stored." in capsys.readouterr().err
    assert NAME not in stack.parameters


def test_a_document_is_stored_and_its_output_is_the_base_of_the_next_one(
    file: Path, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers |= {"config check": (200, VALID), "config show": (200, shown())}
    assert run(["config", "push", str(file), "--app", "shop"]) == ExitCode.SUCCESS
    assert stack.parameters[NAME]["Value"] == TEXT
    assert capsys.readouterr().out.startswith(f"Version 1 of {NAME} is stored.")
    stack.answers["config show"] = 200, shown(1, TEXT)
    assert run(["config", "show", "shop"]) == ExitCode.SUCCESS
    file.write_text(capsys.readouterr().out + "  - name: shop-more\n")
    assert run(["config", "push", str(file), "--app", "shop"]) == ExitCode.SUCCESS
    assert stack.parameters[NAME]["Value"] == f"{TEXT}  - name: shop-more\n"
    assert stack.parameters[NAME]["Version"] == 2
    file.write_text(f"# version 1 of {NAME}\n{TEXT}")
    assert run(["config", "push", str(file), "--app", "shop"]) == ExitCode.REFUSED
    assert stack.parameters[NAME]["Version"] == 2


def test_long_lines_of_a_document_are_not_broken(stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    line = f"approvers: [{'x' * 300}]"
    stack.answers["config show"] = 200, shown(1, line)
    assert run(["config", "show", "shop"]) == ExitCode.SUCCESS
    assert capsys.readouterr().out.splitlines()[1] == line
