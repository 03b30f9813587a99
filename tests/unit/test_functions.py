"""The functions: all handlers have the same shape, and each knows only its own verb."""

import ast
from collections.abc import Iterator

import pytest

from tests.unit.functions import FUNCTIONS, parsed
from tests.unit.samples import ROOT

MOST_LINES = 54
EVENTS_AND_ANSWERS = {
    "wardrop.aws.function_urls",
    "wardrop.aws.ledger.stream",
    "wardrop.aws.logs",
    "wardrop.aws.mailbox",
    "wardrop.aws.metrics",
    "wardrop.aws.queues",
}
FORMS = {"wardrop.alerts.model", "wardrop.deployments.steps", "wardrop.errors", "wardrop.wiring"}
"""The modules with the types in events and answers."""

SUBJECTS = {
    "advance_deployment": "wardrop.deployments",
    "clean_versions": "wardrop.versions",
    "guard_configuration": "wardrop.guard",
    "post_to_slack": "wardrop.slack",
    "receive_drop": "wardrop.drops",
    "run_command": "wardrop.commands",
    "send_alerts": "wardrop.alerts",
    "watch_environments": "wardrop.health",
}
LIBRARIES = {"aws_lambda_powertools", "collections", "datetime", "msgspec", "typing"}


def imports(function: str) -> Iterator[str]:
    for node in ast.walk(parsed(function)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module)):
                yield module


def is_allowed(function: str, module: str) -> bool:
    if module.startswith(f"{SUBJECTS[function]}.") or module in EVENTS_AND_ANSWERS | FORMS:
        return True
    return module.partition(".")[0] in LIBRARIES


def test_each_function_belongs_to_a_subject():
    assert set(SUBJECTS) == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
class TestEachFunction:
    def test_it_imports_its_wiring_and_its_subject_and_no_adapter(self, function):
        assert [module for module in imports(function) if not is_allowed(function, module)] == []

    def test_it_fits_a_screen(self, function):
        assert len((ROOT / "functions" / function / "app.py").read_text().splitlines()) <= MOST_LINES

    def test_its_handler_takes_everything_from_the_wiring_and_hands_it_to_respond(self, function):
        [handler] = [
            node for node in parsed(function).body if isinstance(node, ast.FunctionDef) and node.name == "handler"
        ]
        assert [ast.unparse(decorator) for decorator in handler.decorator_list] == [
            "logger.inject_lambda_context(clear_state=True)",
            "calls_counted",
        ]
        assert ast.unparse(handler.body[-1]).startswith("return respond(event, ")

    def test_respond_knows_nothing_of_the_wiring(self, function):
        others = [
            node for node in parsed(function).body if isinstance(node, ast.FunctionDef) and node.name != "handler"
        ]
        names = {node.id for one in others for node in ast.walk(one) if isinstance(node, ast.Name)}
        assert others
        assert "wiring" not in names
