"""Removes secrets from the lines of a log before users see the lines.

A string that might be a secret is removed, because a missing word does less harm than a published secret. Matching a
pattern takes time linear in the length of the line.
"""

import re
from collections.abc import Sequence

MASK = "****"

_NAME = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret(?!s?[-_ .]?manager)|token|credentials?"
    r"|authorization|cookie|jsessionid|signature"
    r"|(?:access|secret|private|api|account|shared|signing|encryption|encrypt|client|license|auth)"
    r"[-_. ]?key(?:[-_. ]?id)?)"
    r"(?![\w.$]{0,60}(?:Exception|Error):\s)"  # what follows the name of an exception is a message and not a secret
)
_VALUE = r"""(?:"[^"]*"?|'[^']*'?|(?:Bearer|Basic|Digest)\s+\S+|[^\s"']\S*)"""

_RULES: list[tuple[re.Pattern[str], str]] = [
    # `user:password@host` and `user@host` in a URL. The password may contain a slash or an @.
    (re.compile(r"://[^\s\"'<>@]+(?:@[^\s\"'<>@/?]+)*@"), f"://{MASK}@"),
    # For example jdbc:oracle:thin:scott/tiger@host
    (re.compile(r":(?:thin|oci8?):[^\s\"'@/]+/[^\s\"'@]+@", re.IGNORECASE), f":thin:{MASK}@"),
    # The query of a URL may contain a signature or a password.
    (re.compile(r"(://[^\s\"'<>?]+)\?[^\s\"'<>]+"), rf"\1?{MASK}"),
    (re.compile(r"(hooks\.[\w.-]{1,60}/)[^\s\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    # For example `password=value`, `"apiKey": "value"` and `--token value`
    (
        re.compile(
            rf"({_NAME}[\w.\]\[-]{{0,40}}[\"']?\s{{0,3}}(?:=>|:=|[:=])\s{{0,3}})(?!\d{{1,6}}\)|(?:YES|NO)\)){_VALUE}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(rf"(--?[\w.-]{{0,40}}{_NAME}[\w.-]{{0,40}}\s{{1,3}}){_VALUE}", re.IGNORECASE), rf"\1{MASK}"),
    # For example `password hunter2` and `secret is "value"`
    (
        re.compile(
            rf"\b({_NAME}\s{{1,3}}(?:is\s|was\s|of\s)?)(?=[\"']?[^\s\"']*[\d!#$%^&*])(?:\"[^\"]*\"?|'[^']*'?|[^\s\"']\S*)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(bearer|basic)\s{1,3}[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(\b(?:mysql|mysqldump|mariadb|psql|sshpass|redis-cli)\b.{0,200}?\s-[pa])\s?\S+"), rf"\1{MASK}"),
    (re.compile(r"(\bcurl\b.{0,200}?\s-u)\s?\S+"), rf"\1 {MASK}"),
    # Keys and tokens that their format identifies: AWS, JWT, GitHub, GitLab, Slack, Stripe, Google, npm, SendGrid
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{8,}"), MASK),
    (re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]*)*"), MASK),
    (
        re.compile(
            r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|xapp-|[srp]k_(?:live|test)_|sk-|npm_|AIza|SG\.)[\w.-]{8,}"
        ),
        MASK,
    ),
]

_SECRET_PROPERTY = re.compile(rf"\b(?:Property: |properties under )\S{{0,200}}?{_NAME}", re.IGNORECASE)
_REPORTED_VALUE = re.compile(r"(\bvalue:? ?)(?:\[.*\]|\".*|'.*|(?<=: )\S.*)", re.IGNORECASE)

_RUN = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_WORDS = re.compile(r"[a-z]{5,}")
"""Matches a word.

Class names, paths and sentences contain words. But a random key seldom has five lower-case letters in a row.
"""

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE)[A-Z ]{0,20}-----")
_KEY_ENDS = "-----END "


def masked(line: str) -> str:
    for pattern, replacement in _RULES:
        line = pattern.sub(replacement, line)
    return _RUN.sub(lambda run: MASK if _is_random(run[0]) else run[0], line)


def masked_values(lines: Sequence[str]) -> list[str]:
    """Masks lines of a report. If a line names a secret property, `Value: ...` and `value [...]` are also masked."""
    result = [masked(line) for line in lines]
    if any(_SECRET_PROPERTY.search(line) for line in lines):
        result = [_REPORTED_VALUE.sub(rf"\1{MASK}", line) for line in result]
    return result


def without_keys(lines: list[str]) -> list[str]:
    """Masks every line of a private key or a certificate."""
    result, inside = [], False
    for line in lines:
        begins = _KEY_BEGINS.search(line)
        inside = inside or begins is not None
        result.append(MASK if inside else line)
        inside = inside and _KEY_ENDS not in line
    return result


def _is_random(run: str) -> bool:
    """Whether the text is a long hexadecimal number, or a mix of digits, upper case and lower case without words."""
    if _HEX.fullmatch(run):
        return True
    mixed = any(map(str.isdigit, run)) and any(map(str.islower, run)) and any(map(str.isupper, run))
    return mixed and not _WORDS.search(run)
