"""Quotes the lines of a deployment log that explain why a version failed."""

from collections.abc import Iterator, Sequence, Set
from itertools import islice

from wardrop.evidence.commands import from_commands, is_symptom
from wardrop.evidence.explanation import MAX_QUOTE, MOST_QUOTES, Cause, without_middle
from wardrop.evidence.finding import Finding, continued, error_of, is_of_engine, parts_of, severe
from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Level, Line, lines_of
from wardrop.evidence.masking import masked_values
from wardrop.evidence.rules import LINES, MESSAGES, kind_of_exception
from wardrop.evidence.trace_findings import from_traces, is_background, is_failed_start, started_at
from wardrop.evidence.traces import is_frame, thrown_in, traces_in

ENOUGH = 30
"""The lowest weight at which a finding is certain enough to be named as the cause."""

MOST_LINES_COMPARED = 3_000
MOST_DESCRIBED, MOST_REPORTS = 12, 20
_ENGINE_STARTS = "StandardEngine.startInternal"
_POINTERS = ("previous error", "container log file", "StatusLogger", "SLF4J", "APPLICATION FAILED TO START")


def diagnose(content: bytes, *, starts_inside: bool = False) -> Cause | None:
    """Finds the cause of a failure in a log. Returns None if the log does not name a cause.

    If `starts_inside` is True, the content is the end of a longer log.
    """
    lines = lines_of(content, starts_inside=starts_inside)
    traces = list(traces_in(lines))
    traced = {number for trace in traces for number in range(trace.start, trace.end)}
    findings = [
        *from_commands(lines),
        *from_traces(lines, traces),
        *_from_lines(lines, traced),
        *_from_records(lines, traced),
        *_from_refresh(lines),
        *_from_description(lines),
        *_from_unfinished_start(lines, traced),
    ]
    quoting = [finding for finding in findings if any(quote.strip() for quote in finding.quotes)]
    best = max(quoting, key=lambda finding: (finding.weight, -finding.at), default=None)
    if best is None or best.weight < ENOUGH:
        return None
    texts = masked_values([quote.strip() for quote in best.quotes if quote.strip()])
    quotes = list(dict.fromkeys(without_middle(text, MAX_QUOTE) for text in texts))
    return Cause(kind=best.kind, quotes=quotes[:MOST_QUOTES])


def _from_lines(lines: Sequence[Line], traced: Set[int]) -> Iterator[Finding]:
    """Finds causes in lines that are not part of a stack trace."""
    explaining = [
        number
        for number, line in enumerate(lines)
        if number not in traced and line.level is not Level.MILD and line.bare and not is_frame(line.text)
    ]
    for number in explaining[-MOST_LINES_COMPARED:]:
        for weight, rule in LINES:
            if rule.matches(lines[number].text):
                parts = parts_of(error_of(lines[number].bare))
                yield Finding(weight, number, rule.kind, (*parts, *continued(lines, number)))


def _from_records(lines: Sequence[Line], traced: Set[int]) -> Iterator[Finding]:
    """Finds causes in log records with a severe level. Stack traces, and records of background threads, are ignored."""
    has_started = started_at(lines) >= 0
    for number, line in severe(lines):
        if _says_nothing(line.bare) or is_background(line.bare) or is_symptom(line.bare):
            continue
        kind = next((rule.kind for rule in MESSAGES if rule.matches(line.text)), None)
        if kind is not None:
            yield Finding(42, number, kind, (line.bare, *continued(lines, number)))
        elif not {number, number + 1} & traced and not is_of_engine(line):
            weight = 33 if is_failed_start(line.bare) else 31 if not has_started else 0
            yield Finding(weight, number, Kind.START, (line.bare, *continued(lines, number)))


def _says_nothing(text: str) -> bool:
    """Whether the line only refers to another record, or is about the logging framework itself."""
    return any(words in text for words in _POINTERS)


def _from_refresh(lines: Sequence[Line]) -> Iterator[Finding]:
    """Finds Spring's warning that it cancels the startup. The stack trace that usually follows has a greater weight."""
    for number, line in enumerate(lines):
        _, gives_up, reason = line.bare.partition(" - cancelling refresh attempt: ")
        thrown = thrown_in(reason, has_frames=True) if gives_up else None
        if thrown is not None:
            yield Finding(38, number, kind_of_exception(thrown.text), (thrown.text,))


def _from_description(lines: Sequence[Line]) -> Iterator[Finding]:
    """Finds the cause in Spring Boot's failure report, between the lines `Description:` and `Action:`."""
    numbers = (number for number, line in enumerate(lines) if line.bare == "Description:")
    for number in islice(numbers, MOST_REPORTS):
        described = [line.bare for line in lines[number + 1 : number + MOST_DESCRIBED]]
        if "Action:" in described:
            described = described[: described.index("Action:")]
        quotes = [text for text in described if text]
        reasons = [text for text in quotes[1:] if text.startswith("Reason:")]
        if quotes:
            kind = kind_of_exception(" ".join(quotes))
            kind = Kind.START if kind is Kind.EXCEPTION else kind
            yield Finding(82, number, kind, (quotes[0], *reasons, *quotes[1:]))


def _from_unfinished_start(lines: Sequence[Line], traced: Set[int]) -> Iterator[Finding]:
    """Finds the application's last output, if the Java virtual machine ended or hung while the application started.

    The output has no level, so it counts only if it names a known kind of cause.
    """
    began = max((number for number, line in enumerate(lines) if _ENGINE_STARTS in line.text), default=len(lines))
    if started_at(lines) > began:
        return
    of_server = [number for number in range(began, len(lines)) if not _is_of_engine(lines[number])]
    last = of_server[-1] if of_server else began
    if last > began and last not in traced and not lines[last].begins_record:
        kind = next((rule.kind for rule in MESSAGES if rule.matches(lines[last].text)), None)
        if kind is not None:
            yield Finding(ENOUGH, last, kind, (lines[last].bare,))


def _is_of_engine(line: Line) -> bool:
    return not line.bare or line.bare.startswith(("[INFO]", "[ERROR]"))
