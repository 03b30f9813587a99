"""Splits a log into lines, and removes color codes, control characters, times and binary content.

The patterns recognize the formats of eb-engine, cfn-init, journald, Tomcat's `OneLineFormatter`, Logback and Log4j.
Every pattern is anchored, so that matching takes time linear in the length of the line.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from wardrop.evidence.masking import without_keys

MAX_LINE = 1_000
MOST_LINES = 20_000


class Level(IntEnum):
    MILD = 0
    """A warning or a debug line. Such lines do not explain a failure."""

    INFORMATION = 1
    NOT_STATED = 2
    SEVERE = 3


@dataclass(frozen=True)
class Line:
    text: str
    """The line without its time. The indentation is kept."""

    level: Level
    begins_record: bool
    """Whether the line has a time or a level. Any other line continues the previous record."""

    @property
    def bare(self) -> str:
        return self.text.strip()

    @property
    def indentation(self) -> int:
        return len(self.text) - len(self.text.lstrip())


_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]{0,20}[ -/]{0,5}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]")
_TIMES = re.compile(
    r"(?:"
    r"[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,80} [^\s:\[]{1,60}(?:\[\d{1,10}\])?: ?"  # journald
    r"|[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?[\])]?:?(?: |$)"
    r"|\d\d-[^\s-]{1,8}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? "  # Tomcat
    r"|\d\d:\d\d:\d\d[.,]\d{3} "
    r"|P\d{1,10} (?=\[)"  # cfn-init
    r")"
)
_SEVERE = ("SEVERE", "ERROR", "FATAL", "CRITICAL", "CRIT", "ALERT", "EMERG", "PANIC")
_LOCALIZED_SEVERE = ("SCHWERWIEGEND", "GRAVE", "심각", "重大", "致命的", "严重")
"""`Level.SEVERE` of java.util.logging in German, French and Spanish, Korean, Japanese, and Chinese."""

_INFORMATION = ("INFO", "NOTICE", "CONFIG", "INFORMATION", "INFOS", "INFORMACIÓN", "정보", "情報", "信息")
_WARNING = ("WARN", "WARNING", "WARNUNG", "AVERTISSEMENT", "ADVERTENCIA", "경고", "警告")
_DETAIL = ("DEBUG", "TRACE", "FINE", "FINER", "FINEST")
_LEVELS = (
    dict.fromkeys((*_SEVERE, *_LOCALIZED_SEVERE), Level.SEVERE)
    | dict.fromkeys(_INFORMATION, Level.INFORMATION)
    | dict.fromkeys((*_WARNING, *_DETAIL), Level.MILD)
)
_LEVEL = re.compile(rf"(?:^|[\s\[(|:\"-])({'|'.join(_LEVELS)})(?=[\s\]|:)\"]|$)")
_NAMED_LEVEL = re.compile(rf"\b(?:level|severity|lvl)\"?[:=]\s?\"?({'|'.join(_LEVELS)})\b", re.IGNORECASE)
_LEVEL_OF_SERVER = re.compile(r"\[(?:[\w-]{1,30}:)?(emerg|alert|crit|error|warn|notice|info|debug)\d?\]")
"""The level in the error logs of nginx and Apache httpd, for example `[emerg]` and `[core:error]`."""

_AFTER_THREAD = re.compile(r"(?:\d{1,9} +)?\[[^\]\[]{1,60}\] +[A-Z]")
"""The beginning of a record without a time: the thread and the level. slf4j-simple and Log4j 1 write such records."""

_TRACE_IN_JSON = re.compile(r'"(?=[a-z][\w.]{0,200}\.[A-Z]\w{0,100}(?:Exception|Error)\b)')
_LEVEL_WITHIN = 80
"""Only this many characters at the start of a line are searched for a level. In JSON, three times as many are searched.

The limit excludes the message, which may contain a word such as ERROR.
"""


def lines_of(content: bytes, *, starts_inside: bool = False) -> list[Line]:
    """Splits the content of a log into lines.

    If `starts_inside` is True, the content is the end of a longer log. Its first line is then dropped, because the line
    may be incomplete.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    texts = [part for line in text.split("\n") for part in (_of_json(line) if line.startswith("{") else [line])]
    if starts_inside and len(texts) > 1:
        texts = texts[1:]
    return [_line(text) for text in without_keys([_readable(text) for text in texts[-MOST_LINES:]])]


def _of_json(text: str) -> list[str]:
    """Splits a JSON log record into lines.

    In such a record, the stack trace is one string with escaped line breaks and tabs.
    """
    text = _TRACE_IN_JSON.sub('"\n', text[: 16 * MAX_LINE])
    return text.replace("\\n", "\n").replace("\\t", "\t").split("\n")


def _readable(text: str) -> str:
    """Removes escape sequences, and truncates the line after MAX_LINE characters.

    The result is empty for binary content.
    """
    text = _ESCAPES.sub("", text[: 4 * MAX_LINE])
    if len(_CONTROL.findall(text)) > len(text) // 10:
        return ""
    return _CONTROL.sub(" ", text)[:MAX_LINE].rstrip()


def _line(text: str) -> Line:
    rest = text
    for _ in range(3):
        time = _TIMES.match(rest)
        if time is None:
            break
        rest = rest[time.end() :]
    has_time = len(rest) < len(text)
    level = _level_of(rest, has_time=has_time)
    begins_record = level is not None or (has_time and not rest[:1].isspace())
    return Line(rest, Level.NOT_STATED if level is None else level, begins_record)


def _level_of(text: str, *, has_time: bool) -> Level | None:
    """Returns None if the line has no level and therefore does not begin a record."""
    is_json = text.startswith("{")
    beginning = text[: 3 * _LEVEL_WITHIN if is_json else _LEVEL_WITHIN]
    if named := _NAMED_LEVEL.search(beginning) or _LEVEL_OF_SERVER.search(beginning):
        return _LEVELS[named[1].upper()]
    level = _LEVEL.search(beginning)
    # `ERROR in` begins a status line of Logback, which is part of an exception's message.
    if level is None or beginning.startswith("ERROR in "):
        return None
    is_record = has_time or is_json or level.start() < 2 or _AFTER_THREAD.match(beginning)
    return _LEVELS[level[1]] if is_record else None
