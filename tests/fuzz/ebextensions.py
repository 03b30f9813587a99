"""Generates files of `.ebextensions`, for which the guard then makes a plan.

The files are YAML with anchors, aliases, merge keys and tags, or JSON.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.drops import Dropped, received
from tests.fuzz.oracle import SECRET, check_line, check_public
from tests.fuzz.strategies import DOCUMENTS, TEXT
from tests.fuzz.target import Target
from tests.unit.guard.samples import in_force
from wardrop.drops.ebextensions import MAX_BYTES
from wardrop.environments.option import ENVIRONMENT_PROPERTIES
from wardrop.guard.descriptions import recorded
from wardrop.guard.plan import plan
from wardrop.guard.proposal import Proposal

NAMESPACES = st.sampled_from(
    ["aws:autoscaling:launchconfiguration", "aws:autoscaling:asg", "aws:ec2:vpc", ENVIRONMENT_PROPERTIES, "aws:x"]
)
OPTIONS = st.sampled_from(["InstanceType", "MinSize", "Subnets", "SecurityGroups", "BlockDeviceMappings", "PASSWORD"])
PLAIN = st.sampled_from(
    ["2", "m5.large", "true", "yes", "~", ".inf", "1:2:3", "0o7", "2001-01-01", "<<", "=", "*", "&a"]
)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=text >= "\ud800")


SCALARS = st.one_of(PLAIN, TEXT.map(_quoted), TEXT.map(lambda text: f"|\n  {text}\n"))
TAGS = st.sampled_from(["", "", "!Ref ", "!Sub ", "!!int ", "!!binary ", "!!python/name:os.system ", "!x!y ", "!<a> "])
ANCHORS = st.sampled_from(["", "", "&a ", "&b ", "&c "])
ALIASES = st.sampled_from(["*a", "*b", "*c", f"*{SECRET}"])
FLOW = st.recursive(
    st.one_of(SCALARS, ALIASES),
    lambda inner: st.one_of(
        st.builds("{}{}[{}]".format, ANCHORS, TAGS, st.lists(inner, max_size=9).map(", ".join)),
        st.builds(
            "{}{}{{{}}}".format,
            ANCHORS,
            TAGS,
            st.lists(
                st.builds("{}: {}".format, st.one_of(OPTIONS, NAMESPACES, SCALARS, st.just("<<")), inner), max_size=9
            ).map(", ".join),
        ),
    ),
    max_leaves=12,
)


@st.composite
def yaml_documents(draw: st.DrawFn) -> str:
    """Definitions of anchors, each of which may repeat the previous one, and sections that use them."""
    lines = []
    names = "abc"[: draw(st.integers(0, 3))]
    for number, name in enumerate(names):
        before = names[number - 1] if number else None
        value = draw(FLOW) if before is None or draw(st.booleans()) else _repeated(draw, before)
        lines.append(f"x{name}: &{name} {value}")
    for section in draw(st.lists(st.sampled_from(["option_settings", "Resources", "Transform", "files"]), max_size=3)):
        lines.append(f"{section}: {draw(st.one_of(FLOW, _settings()))}")
    text = "\n".join(lines)
    return text * draw(st.sampled_from([1, 1, 1, 2]))


def _repeated(draw: st.DrawFn, before: str) -> str:
    times = draw(st.sampled_from([2, 9, 40]))
    if draw(st.booleans()):
        return "[" + ", ".join([f"*{before}"] * times) + "]"
    return "{" + ", ".join(f"k{number}: *{before}" for number in range(times)) + ", <<: [*" + before + "]}"


def _settings() -> st.SearchStrategy[str]:
    option = st.builds("{}: {}".format, st.one_of(OPTIONS, SCALARS), FLOW)
    secret = st.just(f"{{{json.dumps(ENVIRONMENT_PROPERTIES)}: {{PASSWORD: {SECRET}}}}}")
    listed = st.builds("[{{namespace: '{}', option_name: {}, value: {}}}]".format, NAMESPACES, SCALARS, FLOW)
    mapped = st.builds(
        lambda namespace, options: "{'" + namespace + "': {" + ", ".join(options) + "}}",
        NAMESPACES,
        st.lists(option, max_size=400),
    )
    return st.one_of(secret, listed, mapped)


JSON = st.builds(
    lambda section, document: "\t" + json.dumps({section: document, "x": SECRET}),
    st.sampled_from(["option_settings", "Resources", "x"]),
    st.one_of(DOCUMENTS, st.dictionaries(NAMESPACES, st.dictionaries(TEXT, DOCUMENTS, max_size=9), max_size=9)),
)
REPEATED = st.builds(
    lambda unit, count, before: before + unit * (count // len(unit)),
    st.sampled_from(
        [
            "[",
            "{a: ",
            "- ",
            "? ",
            "a,",
            "&a x,",
            "*a,",
            '"',
            "\\",
            ", ",
            "\n",
            " \n",
            "#",
            "%",
            "!a ",
            "a: b\n",
            "<<: *a\n",
            "\t",
        ]
    ),
    st.sampled_from([100, 10_000, 120_000, 250_000]),
    st.sampled_from(["", "a: ", "a: [", "a: {", "option_settings: ", '\t{"', "{", "a: |\n", "a: >\n", 'a: "']),
)
FILES = st.one_of(yaml_documents(), yaml_documents(), JSON, REPEATED, TEXT).map(lambda text: text[: 2 * MAX_BYTES])


@dataclass(frozen=True)
class Configured:
    """A bundle with files in .ebextensions. It is generated whole, so that its compression is not measured."""

    files: list[str]
    bundle: bytes = field(repr=False)


def configured(files: list[str]) -> Configured:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("WEB-INF/web.xml", "<web-app/>")
        for number, text in enumerate(files):
            encoded = text.encode("utf-16" if text.startswith("\ufeff") else "utf-8", "surrogatepass")
            archive.writestr(f".ebextensions/{number:02}.config", encoded)
    return Configured(files, content.getvalue())


def check(configured: Configured) -> None:
    version = received(Dropped("shop/shop-staging/shop-1.war", configured.bundle))
    if version is None:
        return
    planned = plan(in_force(), Proposal(version.settings, version.resources, version.unread), recorded())
    for text in (planned.sentence, *version.unread):
        check_public(text)
        assert len(text) <= 4_000
    for setting in version.settings:
        _check_setting(setting)


def _check_setting(setting: Any) -> None:
    for text in (setting.namespace, setting.option, setting.file):
        check_line(text, 256)


TARGET = Target((st.lists(FILES, min_size=1, max_size=3) | FILES.map(lambda text: [text] * 50)).map(configured), check)
