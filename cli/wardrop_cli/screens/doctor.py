"""The screen of `wardrop doctor`. Broken parts come last, next to the prompt."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from wardrop_cli.doctor.findings import Finding, Severity

MARKS = {
    Severity.OK: ("ok", "green"),
    Severity.WARNING: ("warning", "yellow"),
    Severity.CANNOT_TELL: ("cannot tell", "magenta"),
    Severity.BROKEN: ("broken", "bold red"),
}

SUMS = {
    Severity.OK: "in order",
    Severity.WARNING: "with a warning",
    Severity.CANNOT_TELL: "not possible",
    Severity.BROKEN: "with something broken",
}


def doctor_screen(findings: Sequence[Finding], *, lists_all: bool) -> RenderableType:
    listed = [each for each in findings if lists_all or each.severity is not Severity.OK]
    ordered = sorted(listed, key=lambda each: list(Severity).index(each.severity))
    return Group(*(part for finding in ordered for part in _finding(finding)), _sum(findings))


def _finding(finding: Finding) -> Iterator[RenderableType]:
    mark, style = MARKS[finding.severity]
    text = finding.text.removeprefix("Cannot tell ") if finding.severity is Severity.CANNOT_TELL else finding.text
    yield Text.assemble((mark, style), f" {finding.check}: ", text)
    if finding.meaning:
        yield Padding(Text(finding.meaning, "dim"), (0, 0, 0, 2))
    if finding.remedy:
        # The remedy is not wrapped, so that it can be copied as one line.
        yield Text(f"  {finding.remedy}", "cyan", no_wrap=True, overflow="ignore")
    if finding.severity is not Severity.OK:
        yield Text("")


def _sum(findings: Sequence[Finding]) -> Text:
    numbers = {severity: sum(each.severity is severity for each in findings) for severity in Severity}
    parts = [f"{numbers[severity]} {words}" for severity, words in SUMS.items() if numbers[severity]]
    worst = max((each.severity for each in findings), key=list(Severity).index)
    return Text(f"{len(findings)} checks: {', '.join(parts)}.", MARKS[worst][1])
