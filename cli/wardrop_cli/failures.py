"""The errors that end the command with one line on stderr and an exit code."""

from collections.abc import Mapping
from typing import Any

from wardrop_cli.exit_codes import ExitCode


class Failure(Exception):
    """The command cannot continue. `text` states the problem, and `advice` the solution."""

    def __init__(self, exit_code: ExitCode, text: str, advice: str = "") -> None:
        super().__init__(text)
        self.exit_code = exit_code
        self.text = text
        self.advice = advice

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON document that `--json` prints."""
        return {"answer": "error", "exit_code": int(self.exit_code), "reason": self.text, "advice": self.advice}


def usage(text: str, advice: str = "") -> Failure:
    return Failure(ExitCode.USAGE, text, advice)


def not_reached(text: str, advice: str = "") -> Failure:
    return Failure(ExitCode.NOT_REACHED, text, advice)


class Unreachable(Failure):
    """The network has failed, or the stack does not answer. The same request may succeed later."""

    def __init__(self, text: str, advice: str = "") -> None:
        super().__init__(ExitCode.NOT_REACHED, text, advice)


class Interrupted(Failure):
    """The user interrupted the command."""

    def __init__(self, text: str) -> None:
        super().__init__(ExitCode.INTERRUPTED, text)


class Refused(Failure):
    """The stack refused the request. The document is the stack's answer."""

    def __init__(self, document: Mapping[str, Any], exit_code: ExitCode = ExitCode.REFUSED) -> None:
        super().__init__(exit_code, str(document.get("reason", "the stack refused the request")), _advice(document))
        self._document = document

    @property
    def code(self) -> str:
        return str(self._document.get("code", ""))

    @property
    def document(self) -> Mapping[str, Any]:
        return self._document


def _advice(document: Mapping[str, Any]) -> str:
    return str(document.get("advice") or "")
