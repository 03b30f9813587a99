"""The table of options and effects in docs/guard.md, from the data files of the guard.

`python -m tests.guard_table` writes it.
"""

import re
from collections import defaultdict
from pathlib import Path

from wardrop.guard.descriptions import recorded
from wardrop.guard.scope import Scope, corrections, note_on, scope_of

DOCUMENT = Path(__file__).parents[1] / "docs" / "guard.md"
BEGIN, END = "<!-- The tables are written by python -m tests.guard_table -->\n", "<!-- The end of the tables -->\n"
EFFECTS = {
    Scope.REFUSED: "Beanstalk refuses the change",
    Scope.ENVIRONMENT_TYPE: "the load balancer is created or removed, and all instances are replaced",
    Scope.LOAD_BALANCER_AND_INSTANCES: "the load balancer and all instances are replaced",
    Scope.LOAD_BALANCER: "the load balancer is replaced",
    Scope.INSTANCES: "all instances are replaced",
    Scope.UNKNOWN: "not known; the guard assumes that all instances are replaced",
    Scope.APPLICATION_SERVERS: "the application servers restart",
    Scope.IN_PLACE: "no interruption",
}


def tables() -> str:
    return f"{_options()}\n{_resources()}"


def _options() -> str:
    options: dict[tuple[Scope, str], list[str]] = defaultdict(list)
    for (namespace, name), description in recorded().items():
        scope = scope_of((namespace, name), description)
        options[scope, namespace].append(_written(namespace, name))
    lines = ["| Effect of a change | Namespace | Options |", "|---|---|---|"]
    for scope, effect in EFFECTS.items():
        for namespace in sorted(namespace for found, namespace in options if found is scope):
            lines.append(f"| {effect} | `{namespace}` | {', '.join(sorted(options[scope, namespace]))} |")
    return "\n".join(lines) + "\n"


def _written(namespace: str, name: str) -> str:
    """The option with its marks: `†` added or corrected by Wardrop, `‡` see the launch template."""
    if name == "*":
        return "any name"
    option = f"{namespace}:{name}"
    mark = "†" if option in corrections().options else ""
    return f"{name}{mark}{'‡' if 'launch template' in note_on((namespace, name)) else ''}"


def _resources() -> str:
    lines = ["| Resource | Changed in place | A change of any other property |", "|---|---|---|"]
    for name, resource in sorted(corrections().resources.items()):
        everything = resource.scope is Scope.IN_PLACE
        in_place = "everything" if everything else ", ".join(sorted(resource.in_place)) or "nothing"
        lines.append(f"| `{name}` | {in_place} | {'' if everything else EFFECTS[resource.scope]} |")
    return "\n".join(lines) + "\n"


def document() -> str:
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{tables()}{END}{after}"


def rows() -> list[str]:
    """The first cells of the rows of all tables in the document."""
    return re.findall(r"^\| (.+?) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
