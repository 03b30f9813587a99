"""`wardrop config push` never replaces another person's version without a notice."""

from dataclasses import replace
from typing import Any

import pytest

from wardrop_cli.aws.parameters import Stored
from wardrop_cli.configuration import File
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.verbs.pushing import MOST_BYTES, Push, Pushed, read_file

NAME = "/wardrop/applications/shop"
PUSH = Push(NAME, File("b"), based_on=3, assumed=False)


class Memory:
    """The parameter. `between` is the number of writes of others between the reading and the writing."""

    def __init__(self, stored: Stored | None = None, between: int = 0) -> None:
        self.stored = stored
        self._between = between

    def read(self, name: str) -> Stored | None:
        assert name == NAME
        return self.stored

    def create(self, name: str, text: str) -> int:
        return self._write(name, text, "String", 1)

    def replace(self, name: str, text: str, stored: Stored) -> int:
        return self._write(name, text, stored.type, stored.version + 1 + self._between)

    def _write(self, name: str, text: str, kind: str, version: int) -> int:
        assert name == NAME
        self.stored = Stored(text, version, kind)
        return version


def pushed(push: Push, memory: Memory) -> Pushed:
    parameters: Any = memory
    return push.store(parameters)


def refused(push: Push, memory: Memory, text: str, code: ExitCode = ExitCode.REFUSED) -> None:
    before = memory.stored
    with pytest.raises(Failure, match=text) as caught:
        pushed(push, memory)
    assert caught.value.exit_code is code
    assert caught.value.advice
    assert memory.stored == before


def test_the_version_on_which_the_file_is_based_is_replaced_and_stays_encrypted() -> None:
    memory = Memory(Stored("a", 3, "SecureString"))
    assert pushed(PUSH, memory) == Pushed(4, changed=True)
    assert memory.stored == Stored("b", 4, "SecureString")


def test_the_head_of_the_file_states_the_version() -> None:
    push = replace(PUSH, file=File("b", 3, NAME), based_on=None)
    assert pushed(push, Memory(Stored("a", 3, "String"))).version == 4


def test_a_version_that_somebody_else_stored_later_is_not_replaced() -> None:
    refused(PUSH, Memory(Stored("a", 5, "String")), "has the version 5, and the file is based on 3")


def test_yes_does_not_replace_another_version_than_the_stated_one() -> None:
    refused(replace(PUSH, assumed=True), Memory(Stored("a", 5, "String")), "has the version 5")


def test_without_a_version_and_without_a_person_the_parameter_is_not_replaced() -> None:
    refused(replace(PUSH, based_on=None), Memory(Stored("a", 5, "String")), "does not state on which", ExitCode.USAGE)


def test_with_yes_and_without_a_version_any_version_is_replaced() -> None:
    push = replace(PUSH, based_on=None, assumed=True)
    assert pushed(push, Memory(Stored("a", 5, "String"))).version == 6


def test_the_same_content_is_not_stored_again() -> None:
    assert pushed(PUSH, Memory(Stored("b", 9, "String"))) == Pushed(9, changed=False)


def test_a_parameter_that_does_not_exist_is_created() -> None:
    memory = Memory()
    assert pushed(replace(PUSH, based_on=None), memory) == Pushed(1, changed=True)
    assert memory.stored == Stored("b", 1, "String")


def test_a_parameter_that_was_deleted_is_not_created_again_by_an_old_file() -> None:
    refused(PUSH, Memory(), "does not exist any more")


def test_a_file_of_another_application_is_refused() -> None:
    push = replace(PUSH, file=File("b", 3, "/wardrop/applications/mall"))
    refused(push, Memory(Stored("a", 3, "String")), "mall, and not of", ExitCode.USAGE)


def test_another_write_at_the_same_time_is_reported_with_its_version_and_without_an_author() -> None:
    other = "another write, perhaps an earlier attempt of this command, stored version 4 at the same time"
    with pytest.raises(Failure, match=other) as caught:
        pushed(PUSH, Memory(Stored("a", 3, "String"), between=1))
    assert caught.value.exit_code is ExitCode.FAILED
    assert f"{NAME}:4" in caught.value.advice


@pytest.mark.parametrize(("content", "text"), [(b"\xff", "UTF-8"), (b"x" * (MOST_BYTES + 1), "8193 bytes")])
def test_a_file_that_parameter_store_would_refuse_is_a_usage_error(tmp_path: Any, content: bytes, text: str) -> None:
    (tmp_path / "shop.yaml").write_bytes(content)
    with pytest.raises(Failure, match=text):
        read_file(tmp_path / "shop.yaml")
    with pytest.raises(Failure, match="No such file"):
        read_file(tmp_path / "missing.yaml")
