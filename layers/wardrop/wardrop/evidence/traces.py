"""Finds Java stack traces in a log, with their causes and the log records to which they belong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wardrop.evidence.log_lines import Level, Line

MOST_MORE = 4
MOST_BETWEEN = 20
"""The maximum number of lines between the first line of an exception and its first frame."""

# fmt: off
LIBRARIES = (
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "com.oracle.", "oracle.", "kotlin.", "kotlinx.",
    "scala.", "groovy.", "clojure.", "org.apache.", "org.springframework.", "org.hibernate.", "org.jboss.",
    "org.wildfly.", "org.eclipse.", "org.glassfish.", "org.postgresql.", "org.mariadb.", "com.mysql.",
    "com.microsoft.", "com.zaxxer.", "com.fasterxml.", "com.google.", "com.amazonaws.", "software.amazon.",
    "org.slf4j.", "ch.qos.", "org.flywaydb.", "liquibase.", "io.netty.", "io.micrometer.", "io.micronaut.",
    "io.quarkus.", "io.undertow.", "io.vertx.", "io.lettuce.", "redis.", "reactor.", "org.aspectj.", "net.sf.",
    "net.bytebuddy.", "org.xml.", "org.w3c.", "org.quartz.", "org.mybatis.", "org.junit.", "org.jooq.",
    "org.thymeleaf.", "org.elasticsearch.", "com.mongodb.", "org.bson.", "org.xerial.", "com.mchange.",
    "org.codehaus.", "org.gradle.", "feign.", "okhttp3.", "retrofit2.", "rx.", "io.reactivex.", "org.joda.",
    "org.bouncycastle.", "com.netflix.", "com.codahale.", "javassist.", "org.objectweb.", "org.yaml.",
    "io.opentelemetry.", "com.newrelic.", "datadog.", "com.github.benmanes.", "com.rabbitmq.", "org.h2.",
    "org.hsqldb.", "com.ibm.", "weblogic.", "org.keycloak.", "io.grpc.", "com.vaadin.", "org.primefaces.", "wicket.",
    "com.opensymphony.", "freemarker.", "com.jcraft.", "net.sourceforge.", "bsh.",
)
# fmt: on
"""The packages of libraries. Every other package is the application's own."""

_CLASS = re.compile(r"(?:[A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*")
_THROWABLE = ("Exception", "Error", "Throwable")
_FRAME = re.compile(r"\s*at [^\s(]{1,400}\([^)]{0,300}\)")
_ELIDED = re.compile(r"\s*\.\.\. \d{1,6} (?:more|common frames omitted)")
_THREAD = re.compile(r'Exception in thread "[^"]{0,200}" ')
_CAUSE, _SUPPRESSED, _WRAPPED = "Caused by: ", "Suppressed: ", "Wrapped by: "


@dataclass
class Thrown:
    """One exception of a chain."""

    name: str
    message: str
    frame: str | None = None
    """The first frame of the application's own package."""

    more: list[str] = field(default_factory=list)
    """The other lines of the message, at most MOST_MORE."""

    @property
    def text(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass
class Trace:
    start: int
    """The index of the first line."""

    record: str
    """The log record to which the trace belongs. Empty if there is none."""

    level: Level
    end: int = 0
    """The index of the line after the trace."""

    chain: list[Thrown] = field(default_factory=list)
    """The exceptions of the trace. The last exception is the root cause."""

    @property
    def deepest(self) -> Thrown:
        return self.chain[-1]

    @property
    def frame(self) -> str | None:
        """The first frame of the application's own package in the deepest exception that has such a frame."""
        return next((thrown.frame for thrown in reversed(self.chain) if thrown.frame), None)


def traces_in(lines: Sequence[Line]) -> Iterator[Trace]:
    number = 0
    while number < len(lines):
        trace, number = _trace_at(lines, number)
        if trace is not None:
            yield trace


def is_frame(text: str) -> bool:
    return bool(_FRAME.match(text) or _ELIDED.match(text))


def thrown_in(text: str, *, has_frames: bool) -> Thrown | None:
    """Finds an exception at the beginning of a line.

    If the next line is a frame (`has_frames`), the exception may be anywhere in the line.
    """
    bare = _THREAD.sub("", text.strip(), count=1)
    for position, word in _words(bare):
        name = word.rstrip(":;,")
        if not _CLASS.fullmatch(name):
            continue
        is_named = name.endswith(_THROWABLE)
        if (is_named and (position == 0 or has_frames)) or (position == 0 and has_frames):
            message = bare[position + len(word) :].strip()
            return _innermost(name, message)
    return None


def _words(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match[0]) for match in re.finditer(r"\S+", text))


def _innermost(name: str, message: str) -> Thrown:
    """Returns the exception, or the cause that older versions of Spring write into its message."""
    _, nested, cause = message.rpartition("nested exception is ")
    inner = cause.partition(":")
    if nested and _CLASS.fullmatch(inner[0].strip()):
        return Thrown(inner[0].strip(), inner[2].strip())
    return Thrown(name, message)


def _trace_at(lines: Sequence[Line], number: int) -> tuple[Trace | None, int]:
    """Returns the trace that begins at a line, and the index of the next line to read."""
    line = lines[number]
    is_cause = line.bare.startswith(_CAUSE)  # The beginning of the trace is missing in the log.
    text = line.bare.removeprefix(_CAUSE)
    thrown = thrown_in(text, has_frames=_frame_follows(lines, number))
    if thrown is None or is_frame(line.text):
        return None, number + 1
    record, level = _record_of(lines, number)
    if line.bare.startswith("Exception in thread"):
        record, level = line.bare, Level.SEVERE
    trace = Trace(number, record, level, chain=[thrown])
    trace.end = _read_chain(trace, lines, number + 1)
    if trace.end == number + 1 and not is_cause and line.begins_record:
        return None, number + 1  # The message only mentions an exception.
    return trace, trace.end


def _frame_follows(lines: Sequence[Line], number: int) -> bool:
    return number + 1 < len(lines) and is_frame(lines[number + 1].text)


def _record_of(lines: Sequence[Line], number: int) -> tuple[str, Level]:
    """Returns the log record to which a trace belongs.

    The record is the trace's first line, or else the last line before the trace that is not blank.
    """
    for line in reversed(lines[max(number - 2, 0) : number + 1]):
        if line.begins_record:
            # Beanstalk's engine writes no traces. If a trace follows its line, the trace is the standard error of
            # another program.
            return ("", Level.NOT_STATED) if line.bare.startswith("[INFO]") else (line.bare, line.level)
        if line is not lines[number] and line.bare:
            break
    return "", Level.NOT_STATED


def _read_chain(trace: Trace, lines: Sequence[Line], start: int) -> int:
    """Adds causes and frames to the trace. Returns the number of the line after the trace."""
    base, suppressed, between, has_frames = lines[trace.start].indentation, None, 0, False
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        bare = line.bare
        if suppressed is not None and line.indentation < suppressed:
            suppressed = None
        if bare.startswith(_SUPPRESSED):
            suppressed = line.indentation
        elif bare.startswith((_CAUSE, _WRAPPED)):
            has_frames = False
            if suppressed is None and line.indentation <= base + 1:
                _add_to_chain(trace, bare)
        elif is_frame(line.text):
            has_frames = True
            if suppressed is None:
                _note_frame(trace.chain[-1], bare)
        elif line.begins_record or between >= MOST_BETWEEN or (has_frames and bare):
            return end
        else:
            between += 1
            if bare and suppressed is None and len(trace.chain[-1].more) < MOST_MORE:
                trace.chain[-1].more.append(bare)
            continue
        end, between = number + 1, 0
    return end


def _add_to_chain(trace: Trace, bare: str) -> None:
    """Adds an exception. Logback may print the root cause first, and then the exceptions that wrap it."""
    if outer := thrown_in(bare.removeprefix(_WRAPPED), has_frames=True) if bare.startswith(_WRAPPED) else None:
        trace.chain.insert(0, outer)
    elif cause := thrown_in(bare.removeprefix(_CAUSE), has_frames=True) if bare.startswith(_CAUSE) else None:
        trace.chain.append(cause)


def _note_frame(thrown: Thrown, bare: str) -> None:
    method = bare.removeprefix("at ").partition("(")[0].rpartition("/")[2]
    if thrown.frame is None and "." in method and not method.startswith(LIBRARIES) and bare.startswith("at "):
        thrown.frame = bare[: bare.find(")") + 1]
