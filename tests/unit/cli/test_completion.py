"""Completion asks the stack for names, and is silent on every error."""

from typing import Any

import pytest

from tests.unit.cli.samples import deployment, environment, status
from wardrop_cli import completion
from wardrop_cli.failures import not_reached
from wardrop_cli.session import Session


class Context:
    def __init__(self, **params: Any) -> None:
        self.params = params
        self.meta: dict[str, Any] = {}


ANSWER = status(
    environment(deployments=[deployment(label="shop-41")]),
    environment("shop-prod", version_label=None, good_versions=[]),
    environment("mall-1", application="mall", version_label="mall-7", good_versions=[]),
)


def answered(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def ask(_session: Session, **_request: Any) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(Session, "ask", ask)


def test_names_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, ANSWER)
    context: Any = Context()
    assert completion.environments(context, "shop") == ["shop-prod", "shop-staging"]
    assert completion.applications(context, "") == ["mall", "shop"]
    assert completion.targets(context, "mall") == ["mall", "mall-1"]
    assert completion.labels(context, "") == ["mall-7", "shop-40", "shop-41"]


def test_labels_are_those_of_the_environment_before(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, ANSWER)
    context: Any = Context(environment="mall-1")
    assert completion.labels(context, "") == ["mall-7"]


@pytest.mark.parametrize("error", [not_reached("x"), ValueError("x"), KeyboardInterrupt(), TimeoutError()])
def test_an_error_completes_nothing_and_writes_nothing(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    answered(monkeypatch, error)
    context: Any = Context()
    assert completion.environments(context, "") == []
    answered(monkeypatch, {"answer": "nonsense"})
    assert completion.environments(context, "") == []
    assert capfd.readouterr() == ("", "")
