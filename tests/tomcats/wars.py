"""Makes real WARs: a sound WAR whose page shows its version, and WARs with the classes in `java/`."""

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from local.settings import ROOT
from tests.integration.shop import archive

Files = Mapping[str, str | bytes]

SAMPLE = ROOT / ".tools/sample.war"
"""Apache's example. `make .tools/sample.war` gets it."""

HERE = Path(__file__).parent
PACKAGE = "com.acme.shop"
CLASSES = f"WEB-INF/classes/{PACKAGE.replace('.', '/')}"
SERVLET_API = "/usr/share/tomcat10/lib/servlet-api.jar"
VERSION_OF_JAVA_21 = 65
PAGE = '<h1>{version}</h1>\n<p>The folder of this Tomcat is <%= System.getProperty("catalina.base") %>.</p>\n'


def sound(version: str) -> bytes:
    """A WAR whose page at `/` shows the version and the folder of the Tomcat that answers."""
    return war(page(version))


def page(version: str) -> dict[str, str]:
    """The page has no session, because a load of requests would fill the memory of Tomcat with sessions."""
    return {"index.jsp": '<%@ page session="false" %>\n' + PAGE.format(version=version)}


def sample(version: str) -> bytes:
    """Apache's example with two more files. `version.txt` has the version, and `slow.jsp` answers after a second."""
    added = {"version.txt": version, "slow.jsp": '<%@ page session="false" %><% Thread.sleep(1_000); %>\n'}
    with TemporaryDirectory() as folder:
        for name, content in added.items():
            Path(folder, name).write_text(content)
        copy = Path(folder, "sample.war")
        copy.write_bytes(SAMPLE.read_bytes())
        subprocess.run(["jar", "--update", "--file", copy, *added], cwd=folder, check=True)
        return copy.read_bytes()


def war(files: Files, descriptor: str = "") -> bytes:
    """A WAR with these files. `descriptor` is the content of `web.xml`."""
    web = f'<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">\n{descriptor}\n</web-app>\n'
    return archive({"WEB-INF/web.xml": web, **files})


def with_listener(class_name: str, files: Files | None = None) -> bytes:
    """A WAR with a listener, a page, and the given files, which replace others of the same name."""
    descriptor = f"<listener><listener-class>{PACKAGE}.{class_name}</listener-class></listener>"
    return war({**page("shop"), **code(class_name), **(files or {})}, descriptor)


def with_filter(class_name: str) -> bytes:
    kind = f"<filter-class>{PACKAGE}.{class_name}</filter-class>"
    mapping = "<filter-mapping><filter-name>shop</filter-name><url-pattern>/*</url-pattern></filter-mapping>"
    descriptor = f"<filter><filter-name>shop</filter-name>{kind}</filter>{mapping}"
    return war({**page("shop"), **code(class_name)}, descriptor)


def with_servlet(class_name: str) -> bytes:
    """A WAR without a page. The servlet answers at `/`."""
    return war(code(class_name), servlet("shop", class_name, "/"))


def servlet(name: str, class_name: str, path: str) -> str:
    """The lines of `web.xml` for a servlet that is initialized when the application starts."""
    kind = f"<servlet-class>{PACKAGE}.{class_name}</servlet-class><load-on-startup>1</load-on-startup>"
    return f"<servlet><servlet-name>{name}</servlet-name>{kind}</servlet>{mapping(name, path)}"


def mapping(name: str, path: str) -> str:
    mapped = f"<servlet-name>{name}</servlet-name><url-pattern>{path}</url-pattern>"
    return f"<servlet-mapping>{mapped}</servlet-mapping>"


def for_newer_java(class_name: str) -> Files:
    """The class file with the version of Java 21."""
    [(path, content)] = code(class_name).items()
    return {path: content[:6] + VERSION_OF_JAVA_21.to_bytes(2, "big") + content[8:]}


def code(class_name: str) -> dict[str, bytes]:
    """The files of a class and of its nested classes. Empty if `java/` has no such class."""
    own, nested = f"{CLASSES}/{class_name}.class", f"{CLASSES}/{class_name}$"
    return {path: code for path, code in _classes().items() if path == own or path.startswith(nested)}


@cache
def _classes() -> dict[str, bytes]:
    """The compiled classes by their path in a WAR. One call of javac compiles all of them."""
    with TemporaryDirectory() as folder:
        sources = sorted(map(str, (HERE / "java").glob("*.java")))
        places = ["-d", folder, "-classpath", SERVLET_API, "-sourcepath", str(HERE / "stubs")]
        subprocess.run(["javac", "-encoding", "UTF-8", *places, *sources], check=True)
        compiled = Path(folder, *PACKAGE.split(".")).glob("*.class")
        return {f"{CLASSES}/{path.name}": path.read_bytes() for path in compiled}
