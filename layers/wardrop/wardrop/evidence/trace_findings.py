"""Estimates how certainly a stack trace explains why a version failed.

The estimate depends on the log record before the trace: its level, its thread, and whether it says that the application
did not start. The trace of a warning explains nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from wardrop.evidence.finding import Finding
from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Level, Line
from wardrop.evidence.rules import MAX_MATCHED, kind_of_exception
from wardrop.evidence.traces import Thrown, Trace

MOST_TRACES = 300

_FAILED_START = re.compile(
    r"exception sending context initialized|error configuring application listener|error deploying web application"
    r"|error waiting for multi-thread deployment|exception starting filter|error starting child|startup failed"
    r"|application run failed|application startup failed|failed to initialize|failed to start"
    r"|fail(?:ed|ure) .{0,20}start"
    r"|threw load\(\) exception|servlet\.init\(\) for servlet|allocate exception|context initialization failed"
    r"|exception in thread \"(?:main|restartedMain)\"|parse (?:fatal )?error|exception fixing docbase|listeners? failed"
    r"|servlet\.service\(\) for servlet"
    r"|destroyed? .{0,30}start(?:ing|up)|error starting|unable to start|could not start|cannot start|uncaught exception"
    r"|exception encountered during context initialization|exception during (?:start|boot)|unable to process jar"
    r"|container(?:base)?.{0,40}: start|failed to (?:destroy|bind|load|boot)",
    re.IGNORECASE,
)
_STARTING_THREAD = re.compile(
    r"\[ {0,20}(?:main|restartedMain|localhost-startStop-\d{1,3}|Catalina-utility-\d{1,3}) {0,20}\]|\(main\)"
)
_STARTED = re.compile(
    r"server startup in|\bStarted \w+ in [\d.]+ seconds|completed application deployment", re.IGNORECASE
)
_SHUTDOWN = re.compile(
    r"shut(?:ting)? ?down|stopping|destroy|unregister|undeploy|contextDestroyed|memory leak", re.IGNORECASE
)
_BACKGROUND = re.compile(
    r"\[ {0,20}[\w.#-]{0,60}(?:pool|sched|task|thread|timer|worker|consumer|producer|async|kafka|quartz|netty|eventloop"
    r"|lettuce|exec)[\w.#-]{0,60} {0,20}\]",
    re.IGNORECASE,
)
"""Matches the names of threads that do not start the application."""

_ANSWERING = re.compile(r"\[ {0,20}(?:https?|ajp)-[\w.:-]{0,60}-exec-\d{1,5} {0,20}\]")
"""Matches the names of Tomcat's threads that answer requests."""

_ENDED_THREAD = re.compile(r"Exception in thread \"(?!main\"|restartedMain\")")

_CONSEQUENCE = re.compile(
    r"LifecycleException|IllegalStateException: Error starting child|^java\.util\.concurrent\.ExecutionException"
    r"|InvocationTargetException$|construction_errors|ToolError|UndeclaredThrowable"
    r"|ClassNotFoundException: org\.apache\.jsp\."  # in answer to a second request for a JSP that did not compile
)
_POINTER = re.compile(r"\b(?:see|check|consult|refer to)\b.{0,40}\blogs?\b", re.IGNORECASE)
"""Matches the messages of exceptions that only refer to the log, so that another exception explains more."""

MOST_FOR_POINTER = 32
"""The largest weight of an exception whose message only refers to the log.

If an exception has a frame in the application's own package, its weight is greater than this, even if it was printed
without a level. Such an exception explains more than a reference to the log.
"""

MANY, OF_MANY = 3, 30
"""An error in at least MANY responses has at least the weight OF_MANY, because health checks repeat a failing request.
"""

_OF_LEVEL = {Level.SEVERE: 40, Level.NOT_STATED: 31, Level.INFORMATION: 25, Level.MILD: 0}

_MOST_MORE = 2


def from_traces(lines: Sequence[Line], traces: Sequence[Trace]) -> Iterator[Finding]:
    starts = _starts(lines)
    answers = Counter(trace.deepest.text for trace in traces if _is_of_answer(trace))
    for number, trace in enumerate(traces[-MOST_TRACES:], start=max(0, len(traces) - MOST_TRACES)):
        if not _CONSEQUENCE.search(trace.deepest.text[:MAX_MATCHED]):
            kind = _kind(trace)
            weight = _weight(trace, kind, has_started_since=starts[-1] > trace.start)
            if _is_of_answer(trace) and answers[trace.deepest.text] >= MANY and trace.start > starts[-1]:
                weight = max(weight, OF_MANY)
            ended = _ended_thread(traces[:number], trace, starts)
            yield Finding(weight, trace.start, kind, tuple(_quotes(trace, ended)))


def _is_of_answer(trace: Trace) -> bool:
    """Whether a thread that answers requests wrote the trace as an error."""
    return trace.level is Level.SEVERE and _ANSWERING.search(trace.record) is not None


def _ended_thread(before: Sequence[Trace], trace: Trace, starts: Sequence[int]) -> str | None:
    """Returns the exception that ended another thread during the same start, which may have waited for that thread."""
    if len(trace.chain) > 1 or not is_failed_start(trace.record):
        return None
    since = max(number for number in starts if number < trace.start)
    ended = (each for each in reversed(before) if each.start > since and _ENDED_THREAD.match(each.record))
    return next((each.deepest.text for each in ended), None)


def _kind(trace: Trace) -> Kind:
    """Returns the kind of the root cause.

    For example, a refused connection has the kind DATABASE if the next outer exception is about a database.
    """
    kind = kind_of_exception(trace.deepest.text)
    if len(trace.chain) == 1 or kind not in (Kind.EXCEPTION, Kind.NETWORK, Kind.FILE):
        return kind
    around = kind_of_exception(trace.chain[-2].text)
    return around if around is Kind.DATABASE or kind is Kind.EXCEPTION else kind


def _weight(trace: Trace, kind: Kind, *, has_started_since: bool) -> int:
    weight = _OF_LEVEL[trace.level]
    if is_failed_start(trace.record) and trace.level is not Level.MILD:
        weight += 30
    elif _BACKGROUND.search(trace.record):
        weight -= 30
    elif has_started_since:
        weight -= 20
    if _SHUTDOWN.search(trace.record):
        weight -= 15
    if kind is Kind.MEMORY:
        weight += 10
    weight += (10 if kind is not Kind.EXCEPTION else 0) + (5 if trace.frame else 0)
    return min(weight, MOST_FOR_POINTER) if _POINTER.search(trace.deepest.text[:MAX_MATCHED]) else weight


def _quotes(trace: Trace, ended_thread: str | None) -> Iterator[str]:
    yield trace.deepest.text
    yield from trace.deepest.more[:_MOST_MORE]
    if ended_thread:
        yield ended_thread
    if len(trace.chain) > 1:
        yield from _around(trace.chain)
    if trace.frame:
        yield trace.frame
    yield trace.record


def _around(chain: Sequence[Thrown]) -> Sequence[str]:
    """Returns the nearest outer exception that does not repeat the text of the root cause.

    The root cause may be a detail, for example `Connection reset`. The outer exception names the remote system.
    """
    repeated = chain[-1].message or chain[-1].name
    outer = (thrown for thrown in reversed(chain[:-1]) if thrown.message and repeated not in thrown.message)
    return next(([thrown.text, *thrown.more[:1]] for thrown in outer), ())


def started_at(lines: Sequence[Line]) -> int:
    """Returns the index of the last line that reports the start of the server or the application, or -1."""
    return _starts(lines)[-1]


def _starts(lines: Sequence[Line]) -> list[int]:
    """Returns -1 and the indexes of all lines that report the start of the server or the application."""
    return [-1, *(number for number, line in enumerate(lines) if _STARTED.search(line.text))]


def is_failed_start(record: str) -> bool:
    """Whether the record says that the application did not start, or is from the thread that starts the application."""
    return _FAILED_START.search(record) is not None or _STARTING_THREAD.search(record) is not None


def is_background(record: str) -> bool:
    return _BACKGROUND.search(record) is not None
