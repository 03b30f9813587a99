"""Generates names that differ from the name of a settings file, but that `unzip` changes to that name."""

from typing import Any

from hypothesis import strategies as st

from tests.bundles.written import OPTION, WEB
from tests.bundles.zip_bytes import FAT, UNIX, entry, unicode_path, zipped

NAME = b".ebextensions/a.config"

_OMITTED = [bytes([code]) for code in (*range(1, 32), 127, 255)]
_SEPARATORS = [b"/", b"//", b"/./", b"/../", b"\\"]
_BEGINNINGS = [b"", b"./", b".//", b"/", b"../"]
_ENDINGS = [b"", b";1", b";", b"\0.txt"]


@st.composite
def mangled_names(draw: Any) -> bytes:
    """The name of a settings file with additions that `unzip` omits or converts."""
    name = draw(st.sampled_from(_BEGINNINGS)) + NAME.replace(b"/", draw(st.sampled_from(_SEPARATORS)))
    for added in draw(st.lists(st.sampled_from(_OMITTED), max_size=2)):
        at = draw(st.integers(0, len(name)))
        name = name[:at] + added + name[at:]
    return name + draw(st.sampled_from(_ENDINGS))


@st.composite
def hidden_settings(draw: Any) -> bytes:
    """A WAR with a settings file under a mangled name. The name may be in the extra field that `unzip` prefers."""
    name, system = draw(mangled_names()), draw(st.sampled_from([UNIX, FAT]))
    if draw(st.booleans()):
        hidden = entry(name, OPTION, system=system)
    else:
        plain = draw(st.sampled_from([b"a.txt", b"x/a.config", b".ebextensions/a.txt", b"caf\x82"]))
        path = unicode_path(plain, name.replace(b"\xff", b"").decode())
        hidden = entry(plain, OPTION, system=system, extra=path)
    return zipped(draw(st.permutations([*WEB, hidden])))
