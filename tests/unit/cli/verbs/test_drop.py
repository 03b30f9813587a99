"""`wardrop drop` states where a file goes and what continues only if the stack has said so."""

import zipfile
from pathlib import Path

import pytest

from tests.unit.cli.samples import environment, status
from tests.unit.cli.small_stack import SmallStack
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.following import Following
from wardrop_cli.verbs import drop as verb
from wardrop_cli.verbs.uploading import Dropped

HELD = {"application": "shop", "parameter": "/wardrop/applications/shop", "source": "held"}
BOTH = environment(), environment("shop-prod")


@pytest.fixture
def file(tmp_path: Path, stack: SmallStack, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file whose upload succeeds."""
    path = tmp_path / "shop-1.war"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WEB-INF/x", b"")
    dropped = Dropped("drops", "shop/shop-1.war", "v1", "shop", None)
    monkeypatch.setattr(verb, "upload", lambda *_: dropped)
    stack.answers["status"] = 200, status(*BOTH)
    return str(path)


def test_while_the_configuration_cannot_be_read_the_file_is_not_said_to_stay_undeployed(
    file: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["status"] = 200, status(*BOTH, configurations=[HELD])
    assert run(["drop", file, "--app", "shop"]) == ExitCode.SUCCESS
    out, err = capsys.readouterr()
    assert "for the first environment of shop" in " ".join(out.split())
    assert "the configuration of shop cannot be read, so the file waits until it can be read" in err


def test_without_a_configuration_the_version_is_not_deployed(
    file: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["status"] = 200, status(*BOTH, configurations=[])
    assert run(["drop", file, "--app", "shop"]) == ExitCode.SUCCESS
    assert "so the version is created and not deployed" in capsys.readouterr().err


def test_without_an_outcome_no_deployment_is_said_to_continue(
    file: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["drop"] = 200, {"answer": "drop", "status": None}
    assert run(["drop", file, "--app", "shop", "--wait", "--timeout", "1s"]) == ExitCode.NOT_FINISHED
    err = capsys.readouterr().err
    assert "and the outcome of the drop is not known yet. Follow it: wardrop watch shop" in err
    assert "continues" not in err


def test_an_interruption_before_the_outcome_does_not_say_that_a_deployment_continues(
    file: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Following, "outcome", interrupt)
    assert run(["drop", file, "--app", "shop", "--wait"]) == ExitCode.INTERRUPTED
    assert "the outcome of the drop is not known yet. Follow it: wardrop watch shop" in capsys.readouterr().err
