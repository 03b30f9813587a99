"""The patterns that recognize the kind of a cause in a line or an exception.

Wildcards in the patterns have a maximum length, and only the first MAX_MATCHED characters of a line are searched.
Therefore the time for each line is limited.
"""

import re
from dataclasses import dataclass

from wardrop.evidence.kinds import Kind

MAX_MATCHED = 400


@dataclass(frozen=True)
class Rule:
    kind: Kind
    pattern: re.Pattern[str]

    def matches(self, text: str) -> bool:
        return self.pattern.search(text[:MAX_MATCHED]) is not None


def _rule(kind: Kind, *parts: str) -> Rule:
    return Rule(kind, re.compile("|".join(parts), re.IGNORECASE))


_SERVLET = (
    r"(?:servlet|persistence|ws[./]rs|validation|annotation|inject|ejb|faces|mail|xml[./]bind|transaction|websocket"
    r"|el[./]|jms)"
)

EXCEPTIONS = (
    _rule(Kind.UNPACK, r"ZipException", r"zip END header not found", r"failed to read the manifest from the archive"),
    _rule(
        Kind.DISK, r"no space left on device", r"\bENOSPC\b", r"disk quota exceeded", r"not enough space on the disk"
    ),
    _rule(Kind.MEMORY, r"OutOfMemoryError", r"StackOverflowError"),
    _rule(
        Kind.CLASS_VERSION,
        r"UnsupportedClassVersionError",
        r"unsupported (?:class file )?major(?:\.minor)? version",
        r"class file has wrong version",
    ),
    _rule(
        Kind.JAKARTA,
        rf"(?:NoClassDefFoundError|ClassNotFoundException|TypeNotPresentException)\W.{{0,80}}?\b(?:javax|jakarta)[./]{_SERVLET}",
        rf"(?:ClassCast|Linkage|IncompatibleClass|NoSuchMethod|AbstractMethod).{{0,400}}?\bjavax[./]{_SERVLET}",
        rf"cannot be cast to (?:class )?jakarta[./]{_SERVLET}",
        r"package (?:javax|jakarta)[.](?:servlet|persistence)\S* does not exist",
        rf"is not a (?:jakarta|javax)[./]{_SERVLET}",
    ),
    _rule(
        Kind.WEB_XML,
        r"web\.xml",
        r"SAXParse",
        r"are both mapped to the url-pattern",
        r"invalid <?url-pattern",
        r"more than one fragment with the name",
        r"(?:filter|servlet) mapping specifies an unknown",
    ),
    _rule(
        Kind.CLASS,
        r"NoClassDefFoundError",
        r"ClassNotFound",
        r"NoSuchMethodError",
        r"NoSuchFieldError",
        r"AbstractMethodError",
        r"IncompatibleClassChangeError",
        r"UnsatisfiedLinkError",
        r"ClassFormatError",
        r"ServiceConfigurationError",
        r"TypeNotPresentException",
    ),
    _rule(
        Kind.PORT,
        r"address already in use",
        r"\bEADDRINUSE\b",
        r"\bport \W{0,3}\d{1,5}\W{0,3} (?:is |was |has )?(?:already|being used|in use)",
        r"cannot assign requested address",
    ),
    _rule(
        Kind.SETTING,
        r"could not resolve placeholder",
        r"(?:setting|property|properties|variable|parameter(?! \d)|configuration|config|option|argument|placeholder"
        r"|value|key|credential|secret|region|env)\b.{0,120}?"
        r"\b(?:missing|not set|unset|undefined|not defined|not found|required|not configured|must be set"
        r"|must not be (?:null|empty|blank)|is (?:null|empty|blank)|not present|not specified|not provided"
        r"|does not exist|unknown|cannot be resolved|could not be resolved|failed to bind)",
        r"\b(?:missing|undefined|unset|required|unknown|no|without|set|define|provide)\b.{0,60}?"
        r"\b(?:setting|property|environment variable|env var|variable|parameter|configuration|config|placeholder)\b",
        r"NoSuchElementException: .{0,80}\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b",
        r"failed to configure a datasource",
        r"unable to load (?:region|credentials)",
        r"name \[.{1,120}\] is not bound in this context",
        r"(?:unbound variable|parameter null or not set)",
    ),
    _rule(
        Kind.DATABASE,
        r"(?:SQL\w*|PSQL|JDBC\w*|Hibernate|Flyway\w*|Liquibase\w*|Mongo\w*|DataSource\w*|DataAccess\w*|Persistence)Exception",
        r"SQLState|SQLSyntax|SQL error|ORA-\d{5}|Communications link failure|CommunicationsException",
        r"access denied for user|password authentication failed|no pg_hba\.conf entry|login failed for user",
        r"unknown database|database \S{1,120} does not exist",
        r"(?:relation|table|column|role) \S{1,120} (?:does not|doesn't) exist",
        r"too many (?:clients|connections)|connection is not available, request timed out|jdbc:",
        r"(?:migration|changeset)\b.{0,120}?\bfail|checksum mismatch|detected (?:failed|applied) migration",
    ),
    _rule(
        Kind.FILE,
        r"FileNotFound|NoSuchFile|AccessDeniedException: /|no such file or directory|permission denied|NotDirectory",
        r"(?:cannot|could not|unable to) (?:open|read|find|load|locate) (?:the )?(?:file|resource|keystore|class path)",
        r"class path resource \[.{1,300}\] cannot be opened",
        r"read-only file system|too many open files",
    ),
    _rule(
        Kind.NETWORK,
        r"UnknownHost|ConnectException|SocketTimeout|NoRouteToHost|HttpTimeout|SSLHandshake|PKIX path",
        r"connection refused",
        r"connect(?:ion)? timed out|name or service not known|temporary failure in name resolution",
    ),
)
"""The rules for the class and the message of an exception. The first rule that matches decides the kind."""

LINES = (
    (100, _rule(Kind.DISK, r"no space left on device", r"\bENOSPC\b", r"disk quota exceeded")),
    (
        95,
        _rule(
            Kind.UNPACK,
            r"\bunzip\b.{0,300}?(?:fail|exit|cannot|error)",
            r"end-of-central-directory signature not found",
            r"appears to use backslashes as path separators",
            r"extra bytes at beginning or within zipfile",
            r"(?:fail|cannot|could not|unable|error).{0,60}?\b(?:unzip|unpack|extract)\b.{0,80}?"
            r"(?:bundle|zip|war|archive|application)",
            r"zip END header not found|bad zipfile offset|invalid compressed data to inflate",
        ),
    ),
    (
        95,
        _rule(
            Kind.CONFIG_FILE,
            r"\.ebextensions\S{0,200}.{0,120}?(?:invalid yaml|invalid json|not valid|could not be parsed|parse error)",
            r"contains invalid (?:yaml|json)",
            r"(?:yaml|json)\S{0,40}(?:error|exception)\b.{0,200}?\.config\b",
        ),
    ),
    (
        85,
        _rule(
            Kind.PROXY,
            r"nginx: \[emerg\]|\bAH00526\b|(?:nginx|httpd|proxy)\b.{0,120}?"
            r"(?:syntax error|invalid command|unknown directive)",
        ),
    ),
    (
        84,
        _rule(
            Kind.JVM,
            r"could not find or load main class",
            r"no main manifest attribute",
            r"unable to access jarfile",
            r"unrecognized (?:VM )?option|unrecognized option:",
            r"invalid (?:maximum|initial) (?:heap|direct memory) size",
            r"(?:initial heap size set to a larger value|too small (?:initial|maximum) heap)",
            r"could not reserve enough space",
            r"error opening zip file or jar manifest missing",
            r"insufficient memory for the java runtime",
            r"conflicting collector combinations",
            r"\bSIG(?:SEGV|BUS|ILL|FPE) \(0x",
            r"agent library failed|could not find agent library",
            r"error occurred during initialization of (?:VM|boot layer)",
        ),
    ),
    (
        80,
        _rule(
            Kind.MEMORY,
            r"java\.lang\.OutOfMemoryError",
            r"out of memory: kill",
            r"\bkilled process \d+ \(java\)",
            r"fork: cannot allocate memory|errno[= ]12\b",
        ),
    ),
    (79, _rule(Kind.JVM, r"could not create the java virtual machine")),
    (79, _rule(Kind.MEMORY, r"oom[-_ ]?(?:kill|reaper)")),
)
"""The rules for lines outside stack traces. Each rule has the weight of its findings."""

MESSAGES = tuple(
    rule
    for rule in EXCEPTIONS
    if rule.kind in (Kind.PORT, Kind.CLASS, Kind.CLASS_VERSION, Kind.SETTING, Kind.DATABASE, Kind.FILE, Kind.WEB_XML)
)
"""The rules for the messages of severe records."""


def kind_of_exception(text: str) -> Kind:
    return next((rule.kind for rule in EXCEPTIONS if rule.matches(text)), Kind.EXCEPTION)
