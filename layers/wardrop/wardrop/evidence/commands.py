"""Finds those of a bundle's commands and hooks that failed, and their output."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from wardrop.evidence.finding import Finding, error_of, is_of_engine, parts_of, severe
from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Line
from wardrop.evidence.rules import MAX_MATCHED

MOST_OUTPUT = 60
"""The number of lines that are searched. Beanstalk writes at most the last 50 lines of a failed step's output."""

MOST_FAILURES = 20

_NAMED = re.compile(
    r"\bcommand \S{1,200} (?:\(.{1,600}\) )?failed\b"
    r"|\b(?:command|hook|script|container_command)\b.{0,600}?\b(?:failed|exited|returned|terminated)\b"
    r"|\.(?:platform|ebextensions)/\S{1,300}.{0,300}?\b(?:failed|exited|exit (?:status|code)|returned)\b"
    r"|\b(?:fork/exec|exec format error)\b"
    r"|\bfailed (?:to (?:run|execute) )?(?:the )?(?:command|hook|script)\b",
    re.IGNORECASE,
)
_EXIT = re.compile(
    r"(?:exit(?:ed)?|error|return(?:ed)?)\b[a-z ]{0,20}\b(?:status|code)\b\D{0,5}\d{1,3}|returned \d{1,3}\b",
    re.IGNORECASE,
)
_OF_PLATFORM = re.compile(r"\bcommand /(?:usr/|bin/|sbin/|opt/elasticbeanstalk/)\S", re.IGNORECASE)
"""Matches commands that Beanstalk's engine calls. They are not commands of the bundle."""

_IS_SYMPTOM = re.compile(r"startProcess Failure|pid symlinks failed|\.pid\b", re.IGNORECASE)
"""Matches errors that occur because the application's process has ended.

They do not name the cause, but the application's output does.
"""

_IGNORED = re.compile(r"ignoreErrors|ignoring|continuing build", re.IGNORECASE)
_RULER = re.compile(r"-{20,}")
_SAYS_WHY = re.compile(
    r"error|fatal|exception|fail|cannot|can't|could not|unable|not found|denied|no such|invalid|refused|unbound|missing"
    r"|timed out|killed|abort|unknown|illegal|must |expected|does not exist|not set|required",
    re.IGNORECASE,
)
_UNPACKS = re.compile(r"\bunzip\b", re.IGNORECASE)
_REPEATED = re.compile(r"error encountered during build of \S{1,100}: command", re.IGNORECASE)
_POINTER = re.compile(r"please refer to|for more (?:details|information)|see (?:the )?\S{0,80}log", re.IGNORECASE)
_ONLY_SAYS_THAT = re.compile(
    r"^(?:the )?(?:application |environment |instance |app )*(?:deployment|deploy|command execution|update|step)\b"
    r"[\w ]{0,30}"
    r"(?:failed|aborted|not successful)[\s.!]*$|^command execution completed",
    re.IGNORECASE,
)


def from_commands(lines: Sequence[Line]) -> Iterator[Finding]:
    return islice(_failures(lines), MOST_FAILURES)


def _failures(lines: Sequence[Line]) -> Iterator[Finding]:
    for number, line in severe(lines):
        text = error_of(line.bare)
        if _POINTER.search(text) and not _EXIT.search(text):
            continue
        if _NAMED.search(text[:MAX_MATCHED]) and not _OF_PLATFORM.search(text[:MAX_MATCHED]):
            if not _is_ignored(lines, number) and not _UNPACKS.search(text):
                yield Finding(97, number, Kind.COMMAND, tuple(_quotes(lines, number, text)))
        elif is_of_engine(line) and not _ONLY_SAYS_THAT.search(text):
            output = _output(lines, number)
            if named := [text for text in output if _NAMED.search(text[:MAX_MATCHED])]:
                yield Finding(97, number, Kind.COMMAND, (named[0], *output))
            else:
                weight = 30 if is_symptom(text) else 36
                yield Finding(weight, number, Kind.STEP, (*parts_of(text), *output))


def _quotes(lines: Sequence[Line], number: int, text: str) -> Iterator[str]:
    """Yields a failed command, its exit code, and the lines of its output that are about the error."""
    command, *printed = parts_of(text)
    reasons = [line for line in printed if _SAYS_WHY.search(line)]
    output = _output(lines, number)
    yield command
    yield from (*reasons, *output[:1])
    yield from [] if _EXIT.search(text) else _exits(lines, number)
    yield from (*output[1:], *(line for line in printed if line not in reasons))


def is_symptom(text: str) -> bool:
    return _IS_SYMPTOM.search(text) is not None


def _is_ignored(lines: Sequence[Line], number: int) -> bool:
    return any(_IGNORED.search(line.text) for line in lines[number : number + 3])


def _exits(lines: Sequence[Line], number: int) -> list[str]:
    near = [*lines[number + 1 : number + MOST_OUTPUT], *reversed(lines[max(number - MOST_OUTPUT, 0) : number])]
    return next(([line.bare] for line in near if _EXIT.search(line.text)), [])


def _output(lines: Sequence[Line], number: int) -> list[str]:
    """Returns the last lines of the command's output that name an error.

    The last of these lines comes first, because it usually names the cause. The output before the failure is searched
    only if there is no output after the failure.
    """
    after = _until(_without_repetition(lines[number + 1 : number + 1 + MOST_OUTPUT]), stops=_ends_output)
    window = lines[max(number - MOST_OUTPUT, 0) : number][::-1]
    before = _until(window, stops=_begins_output)[::-1] if any(map(_begins_output, window)) else []
    for part in (after, before):
        texts = [_without_level(line.bare) for line in part]
        texts = [text for text in texts if text and not _RULER.fullmatch(text) and not _only_exits(text)]
        reasons = [text for text in texts if _SAYS_WHY.search(text)]
        if reasons or (texts and part is after):
            chosen = reasons or texts
            return [chosen[-1], *chosen[:-1][-2:]]
    return []


def _without_repetition(lines: Sequence[Line]) -> Sequence[Line]:
    """Removes the first line if cfn-init repeats the failure in it. The record of the output then follows."""
    is_repeated = len(lines) > 1 and _REPEATED.search(lines[0].text) and " output: " in lines[1].text
    return lines[1:] if is_repeated else lines


def _only_exits(text: str) -> bool:
    return _EXIT.search(text) is not None and _NAMED.search(text[:MAX_MATCHED]) is None


def _until(lines: Sequence[Line], stops: Callable[[Line], bool]) -> list[Line]:
    result = []
    for line in lines:
        if stops(line):
            break
        result.append(line)
    return result


def _begins_output(line: Line) -> bool:
    return "Command Output" in line.text


def _ends_output(line: Line) -> bool:
    """Whether the line begins another record, which ends the output.

    A record such as `[DEBUG] Command 01_migrate output: ...` does not end the output, because it contains the output.
    """
    return line.begins_record and " output: " not in line.text


def _without_level(text: str) -> str:
    return re.sub(r"^\[(?:INFO|ERROR|WARN|DEBUG)\]\s*", "", text)
