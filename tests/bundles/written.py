"""Bundles with one peculiarity each, written byte by byte. `tests/e2e/test_unzip.py` checks the records of `unzip`."""

from collections.abc import Iterator, Sequence

from tests.bundles.bundle import FAILS, LIVE, Bundle
from tests.bundles.zip_bytes import FAT, FOLDER, LINK, Written, entry, unicode_path, zipped

OPTION = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
WEB = (entry("WEB-INF/web.xml", b"<web-app/>"), entry("index.jsp", b"hello"))
WEB_FILES = ["WEB-INF/web.xml", "index.jsp"]
SCRIPT = b"#!/bin/sh\nexit 0\n"

LAUNCH_SCRIPT = "https://github.com/jhipster/generator-jhipster/issues/4326"
BACKSLASHES = "https://github.com/aws/aws-extensions-for-dotnet-cli/pull/43"
APPLE_DOUBLE = "https://github.com/parse-community/parse-server-example/issues/112"


def _war(name: str, *more: Written, unpacked: Sequence[str] = (), **about: object) -> Bundle:
    """A good WAR with more entries. `about` is what is known about it."""
    return _bundle(f"{name}.war", zipped([*WEB, *more]), unpacked=sorted([*WEB_FILES, *unpacked]), **about)


def _bundle(file: str, content: bytes, **about: object) -> Bundle:
    exit_code = about.get("exit_code", 0)
    plain: dict[str, object] = {"exit_code": 0, "unpacked": WEB_FILES, "beanstalk": FAILS if exit_code else LIVE}
    return Bundle(file=file, content=content, **(plain | about))  # type: ignore[arg-type]


def written_bundles() -> Iterator[Bundle]:
    yield from _of_the_archive()
    yield from _of_separators()
    yield from _of_names()
    yield from _of_two_names()
    yield from _of_collisions()
    yield from _of_ebextensions()
    yield from _of_methods()


def _of_the_archive() -> Iterator[Bundle]:
    yield _bundle("plain-1.war", zipped(WEB))
    script = zipped(WEB, before=SCRIPT)
    yield _bundle(
        "launch-script-1.war", script, exit_code=1, source=LAUNCH_SCRIPT, reason="17 bytes before its first entry"
    )
    yield _bundle(
        "launch-script-1.zip", script, exit_code=1, source=LAUNCH_SCRIPT, reason="17 bytes before its first entry"
    )
    yield _bundle(
        "launch-script-1.jar",
        script,
        exit_code=1,
        beanstalk="It goes live on Java SE, which does not unpack a JAR.",
        source='Spring Boot\'s reference, "Installing Spring Boot Applications"',
    )
    yield _bundle("counted-script-1.war", zipped(WEB, before=SCRIPT, counts_before=True))
    yield _bundle("trailing-bytes-1.war", zipped(WEB, after=b"\r\n"))
    yield _bundle("comment-1.war", zipped(WEB, comment=b"made by a build"))
    yield _bundle("zip64-1.war", zipped([entry(w.name, w.data, zip64=True) for w in WEB], zip64=True))
    yield _bundle("streamed-1.war", zipped([entry(w.name, w.data, describes_later=True) for w in WEB]))
    yield _bundle("states-less-1.war", zipped(WEB, states=1), exit_code=3, reason="states 1 entries, but has 2")
    yield _bundle("states-more-1.war", zipped(WEB, states=3), exit_code=3, reason="states 3 entries, but has 2")
    yield _bundle("empty-1.zip", zipped([]), exit_code=1, unpacked=[], reason="an archive without files")


def _of_separators() -> Iterator[Bundle]:
    as_windows = [entry(w.name.replace(b"/", b"\\"), w.data, system=FAT) for w in WEB]
    reason = "make the archive again with jar or zip"
    yield _bundle("backslash-1.war", zipped(as_windows), exit_code=1, source=BACKSLASHES, reason=reason)
    hidden = [entry("ROOT.war"), entry(r".ebextensions\options.config", OPTION, system=FAT)]
    yield _bundle(
        "backslash-settings-1.zip",
        zipped(hidden),
        exit_code=1,
        unpacked=[".ebextensions/options.config", "ROOT.war"],
        source=BACKSLASHES,
        reason=reason,
    )
    yield _war(
        "backslash-unix-1",
        entry(r".ebextensions\options.config", OPTION),
        unpacked=[r".ebextensions\options.config"],
        beanstalk="It goes live without the settings, because the backslash is a part of the file's name.",
        reason=reason,
    )
    yield _war("backslash-mixed-1", entry(r"css/a\b", system=FAT), unpacked=[r"css/a\b"], reason=reason)
    yield _war("shift-jis-1", entry(b"css/\x83\\.css"), unpacked=["css/\udc83\\.css"])
    yield _war("shift-jis-windows-1", entry(b"css/\x83\\.css", system=FAT), unpacked=["css/\udce2\\.css"])
    at_root = entry(b"\x83\\.css", system=FAT)
    yield _war("shift-jis-root-1", at_root, unpacked=["\udce2/.css"], exit_code=1, reason=reason)
    in_both = entry(b"\x83\\.css", system=FAT, extra=unicode_path(b"\x83\\.css", "ソ.css"))
    yield _war("shift-jis-unicode-path-1", in_both, unpacked=["ソ.css"])
    yield _war("backslash-after-ff-1", entry(b"css\xff\\a.css"), unpacked=["css\\a.css"], reason=reason)
    yield _war("backslash-utf-8-1", entry("가\\a"), unpacked=["가\\a"], reason=reason)
    dotted = [entry("./", b"", mode=FOLDER), entry("./app.jar"), entry("./Procfile", b"web: java -jar app.jar")]
    yield _bundle("dot-slash-1.zip", zipped(dotted), unpacked=["Procfile", "app.jar"])
    yield _bundle("dot-slash-1.war", zipped([entry(b"./" + w.name, w.data) for w in WEB]))
    yield _bundle("dots-1.war", zipped([entry("././WEB-INF/./web.xml"), entry(".//index.jsp")]))
    yield _war("dot-1", entry("."), unpacked=["_"])


def _of_names() -> Iterator[Bundle]:
    outside = "a path outside the archive"
    yield _war("absolute-1", entry("/etc/passwd"), unpacked=["etc/passwd"], exit_code=1, reason=outside)
    yield _war("parent-1", entry("a/../../b"), unpacked=["a/b"], reason=outside)
    yield _war("parent-hidden-1", entry("a/.\x01./b"), unpacked=["a/b"], reason=outside)
    yield _war("drive-1", entry("C:/a", system=FAT), unpacked=["C:/a"], reason=outside)
    yield _war("zero-byte-1", entry(b"a\0b"), unpacked=["a"], reason="a zero byte in its name")
    yield _war("no-name-1", entry(b""), exit_code=1, reason="an entry without a name")
    yield _war("only-control-1", entry(b"\x01"), exit_code=2, reason="an entry without a name")
    yield _war("icon-1", entry("Icon\r", b""), unpacked=["Icon"])
    yield _war("long-name-1", entry("a" * 256), exit_code=50, reason="too long for Linux")
    yield _war("name-of-255-1", entry("a" * 255), unpacked=["a" * 255])
    yield _war("utf-8-1", entry("가게.txt"), unpacked=["가게.txt"])
    yield _war("open-vms-1", entry("a.txt;1"), unpacked=["a.txt"])


def _of_two_names() -> Iterator[Bundle]:
    config = ".ebextensions/a.config"
    reason = "two names for one file of .ebextensions"
    hidden = entry("a.txt", OPTION, extra=unicode_path(b"a.txt", config))
    yield _war("unicode-path-1", hidden, unpacked=[config], reason=reason)
    of_another = entry("a.txt", OPTION, extra=unicode_path(b"a.txt", config, crc=1))
    yield _war("unicode-path-of-another-1", of_another, unpacked=["a.txt"])
    away = entry(config, OPTION, extra=unicode_path(config.encode(), "a.txt"))
    yield _war("unicode-path-away-1", away, unpacked=["a.txt"], reason=reason)
    back = entry("a.txt", system=FAT, extra=unicode_path(b"a.txt", r"a\b"))
    yield _war("unicode-path-backslash-1", back, unpacked=["a/b"], exit_code=1, reason="contains backslashes")
    cafe = entry("caf?.txt", extra=unicode_path(b"caf?.txt", "café.txt"))
    yield _war("unicode-path-cafe-1", cafe, unpacked=["café.txt"])
    yield _war(
        "local-name-1",
        entry("a", local_name=b"b"),
        unpacked=["a"],
        exit_code=1,
        beanstalk=f"{FAILS} Wardrop does not detect this, because it does not read every local header.",
    )


def _of_collisions() -> Iterator[Bundle]:
    reason = "both a file and a folder a"
    yield _war("file-then-folder-1", entry("a"), entry("a/b"), unpacked=["a"], exit_code=2, reason=reason)
    yield _war("folder-then-file-1", entry("a/b"), entry("a"), unpacked=["a/b"], exit_code=50, reason=reason)
    folder = entry("a/", b"", mode=FOLDER)
    yield _war("folder-entry-and-file-1", folder, entry("./a"), exit_code=50, reason="both a file and a folder ./a")
    yield _war(
        "below-a-link-1", entry("a", b"/etc", mode=LINK), entry("a/b"), unpacked=["a"], exit_code=2, reason=reason
    )
    yield _war("case-1", entry("a"), entry("A"), unpacked=["A", "a"])
    yield _war("twice-1", entry("a", b"1"), entry("a", b"2"), unpacked=["a"])


def _of_ebextensions() -> Iterator[Bundle]:
    config = ".ebextensions/a.config"
    yield _war("settings-1", entry(config, OPTION), unpacked=[config])
    twice = [entry(config, OPTION), entry(f"./{config}", OPTION)]
    yield _war("settings-twice-same-1", *twice, unpacked=[config])
    twice = [entry(config, OPTION), entry(f"./{config}", b"{}")]
    yield _war(
        "settings-twice-1",
        *twice,
        unpacked=[config],
        beanstalk="It is not known which of the two files Beanstalk applies.",
        source="not documented",
        reason="./.ebextensions/a.config twice, with different content",
    )
    yield _war(
        "settings-link-1",
        entry(".ebextensions", b"settings", mode=LINK),
        entry("settings/a.config", OPTION),
        unpacked=[".ebextensions", "settings/a.config"],
        beanstalk="It is not known whether Beanstalk follows the link.",
        source="not documented",
        reason=".ebextensions must be a folder",
    )
    apple = {
        "beanstalk": "UpdateEnvironment starts, and the deployment fails with: contains invalid YAML or JSON.",
        "source": APPLE_DOUBLE,
    }
    double = b"\0\5\26\7" + bytes(60)
    outside = "__MACOSX/.ebextensions/._options.config"
    content = zipped([entry("ROOT.war"), entry(outside, double), entry(".ebextensions/options.config", OPTION)])
    files = [".ebextensions/options.config", "ROOT.war", outside]
    yield _bundle("appledouble-1.zip", content, unpacked=files, reason=f"has {outside}, which macOS added", **apple)
    inside = ".ebextensions/._options.config"
    yield _war("appledouble-inside-1", entry(inside, double), unpacked=[inside], reason=f"has {inside}, which", **apple)
    harmless = ["__MACOSX/._index.jsp", "__MACOSX/._.ebextensions", ".ebextensions/._readme.txt"]
    yield _war("appledouble-harmless-1", *(entry(name, double) for name in harmless), unpacked=harmless)


def _of_methods() -> Iterator[Bundle]:
    for method, kind in (14, "LZMA"), (93, "Zstandard"), (95, "XZ"), (98, "PPMd"):
        packed = entry("WEB-INF/lib/a.jar", method=method)
        yield _war(f"method-{method}-1", packed, exit_code=81, reason=f"is compressed by {kind}")
    yield _war("encrypted-1", entry("a", bytes(12), flags=1), exit_code=5, reason="an encrypted entry")
