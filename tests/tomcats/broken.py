"""Broken WARs, each with the texts that name the cause of its failure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.integration.shop import archive
from tests.tomcats import wars
from tests.tomcats.wars import servlet, war


@dataclass(frozen=True)
class Broken:
    name: str
    cause: tuple[str, ...]
    """Texts that the alert must contain."""

    make: Callable[[], bytes]


def _listener(name: str, class_name: str, *cause: str) -> Broken:
    return Broken(name, cause, partial(wars.with_listener, class_name))


def _files(name: str, files: wars.Files, *cause: str) -> Broken:
    return Broken(name, cause, partial(war, files))


def _descriptor(name: str, descriptor: str, *cause: str) -> Broken:
    return Broken(name, cause, lambda: war({**wars.page("shop"), **wars.code("AlwaysFails")}, descriptor))


def _provider_missing() -> bytes:
    providers = "WEB-INF/classes/META-INF/services/java.lang.Runnable"
    return wars.with_listener("ServiceMissing", {providers: "com.acme.shop.Gone\n"})


def _initializer() -> bytes:
    """Tomcat looks for initializers in libraries only."""
    service = "META-INF/services/jakarta.servlet.ServletContainerInitializer"
    [(path, code)] = wars.code("InitializerThrows").items()
    files: dict[str, str | bytes] = {service: "com.acme.shop.InitializerThrows\n"}
    library = archive(files | {path.removeprefix("WEB-INF/classes/"): code})
    return war({**wars.page("shop"), "WEB-INF/lib/shop-start.jar": library})


def _renamed() -> bytes:
    [content] = wars.code("FileMissing").values()
    return wars.with_listener("Renamed", {f"{wars.CLASSES}/Renamed.class": content})


def _truncated() -> bytes:
    [(path, content)] = wars.code("FileMissing").items()
    return wars.with_listener("FileMissing", {path: content[:300]})


def _method_missing() -> bytes:
    [content] = wars.code("Nothing").values()
    library = {f"{wars.CLASSES}/Library.class": content.replace(b"Nothing", b"Library")}
    return wars.with_listener("MethodMissing", library)


NEWER_JAVA = "NewerJava"
PAGE_THROWS = '<% if (true) throw new IllegalStateException("the basket is empty"); %>\n'
PAGE_WITHOUT_CLASS = "<%= new com.acme.shop.Missing().toString() %>\n"
PAGE_WITH_TAGS = '<%@ taglib uri="http://java.sun.com/jsp/jstl/core" prefix="c" %>\n<c:out value="shop"/>\n'
ERROR_PAGE = "<error-page><error-code>500</error-code><location>error.jsp</location></error-page>"
RESOURCE = (
    'name="jdbc/shop" type="javax.sql.DataSource" driverClassName="org.postgresql.Driver" url="jdbc:postgresql:shop"'
)
DATA_SOURCE = {"META-INF/context.xml": f"<Context><Resource {RESOURCE}/></Context>"}
NO_LIBRARY = b"PK\3\4" + bytes(200)

ALL = (
    _listener("listener throws", "ListenerThrows", "environment variable SHOP_DB_URL is not set", "ListenerThrows."),
    _listener("deepest cause", "CauseChain", "the price list has no column price_krw", "CauseChain.open"),
    _listener("bean creation", "BeanCreation", "Could not resolve placeholder 'shop.price.url'"),
    _listener("null pointer", "NullPointer", "NullPointerException", "NullPointer.contextInitialized"),
    _listener("own exception", "OwnException", "LicenceExpired", "the licence ended on 2026-11-01"),
    _listener("Korean message", "Korean", "결제 모듈을 초기화할 수 없습니다"),
    _listener("message of several lines", "SeveralLines", "the configuration has 2 errors", "shop.tax: 119"),
    _listener("warning before the cause", "ReportsAndFails", "the warehouse sent no stock"),
    _listener("cause only printed", "PrintsTrace", "the tax table has no row for KR"),
    _listener("thread fails", "PoolFails", "the queue orders-live does not exist"),
    _listener("exception without a message", "NoMessage", "UnsupportedOperationException", "NoMessage.context"),
    _listener("failed assertion", "FailedAssertion", "the ledger is not balanced"),
    _listener("circular cause", "CircularCause", "node cache-3 is not a member of the cluster"),
    _listener("suppressed exception", "WithSuppressed", "the mail templates cannot be compiled"),
    _listener("output in JSON", "LogsJson", "the feature flags cannot be read"),
    _listener("failed future", "FutureFails", "the search index has version 6"),
    _listener("static initializer", "StaticInitializer", "NullPointerException", "StaticInitializer"),
    _listener("endless recursion", "EndlessRecursion", "StackOverflowError", "EndlessRecursion.depth"),
    _listener("heap used up", "EatsHeap", "OutOfMemoryError: Java heap space"),
    _listener("class missing", "MissingClass", "com.acme.shop.Rates"),
    _listener("listener missing", "Gone", "com.acme.shop.Gone"),
    Broken("provider missing", ("com.acme.shop.Gone",), _provider_missing),
    _listener("made for Tomcat 9", "MadeForTomcat9", "javax.servlet.ServletContextListener"),
    _listener("native library missing", "NativeLibrary", "UnsatisfiedLinkError", "shopcrypto"),
    _listener("system property missing", "MissingProperty", "required system property shop.region is missing"),
    _listener("data source missing", "MissingDataSource", "jdbc/shop"),
    _listener("database refuses", "DatabaseRefused", "Connection to localhost:1 refused"),
    _listener("host not known", "HostNotKnown", "payments.acme.invalid"),
    _listener("port in use", "PortTaken", "Address already in use"),
    _listener("file missing", "FileMissing", "/etc/shop/licence.key"),
    _listener("prints a line and ends the JVM", "Exits", "required setting PAYMENT_API_URL is missing"),
    _listener("logs an error and ends the JVM", "LogsAndExits", "the licence server refuses this host"),
    Broken(
        "class for a newer Java",
        ("class file version 65.0",),
        lambda: wars.with_listener(NEWER_JAVA, wars.for_newer_java(NEWER_JAVA)),
    ),
    Broken("class of another name", ("NoClassDefFoundError", "Renamed"), _renamed),
    Broken("truncated class", ("ClassFormatError",), _truncated),
    Broken("method missing", ("NoSuchMethodError", "Library.sum"), _method_missing),
    Broken("driver missing", ("org.postgresql.Driver",), partial(wars.with_listener, "OpensPool", DATA_SOURCE)),
    Broken("initializer throws", ("set shop.profile to live or trial",), _initializer),
    Broken("filter throws", ("init parameter issuer is missing",), partial(wars.with_filter, "FilterThrows")),
    Broken("filter missing", ("com.acme.shop.Gone",), partial(wars.with_filter, "Gone")),
    Broken("servlet throws at start", ("catalogue has no products",), partial(wars.with_servlet, "ServletInitThrows")),
    Broken("servlet answers 500", ("the basket has no currency",), partial(wars.with_servlet, "AlwaysFails")),
    Broken("servlet logs its errors", ("the exchange rates are from",), partial(wars.with_servlet, "ManagesErrors")),
    _descriptor("web.xml not well-formed", "<servlet><servlet-name>pay</servlet>", "servlet-name"),
    _descriptor(
        "two servlets at one path",
        servlet("a", "AlwaysFails", "/pay") + servlet("b", "AlwaysFails", "/pay"),
        "both mapped to the url-pattern [/pay]",
    ),
    _descriptor("path without a slash", servlet("a", "AlwaysFails", "pay"), "Invalid <url-pattern> [pay]"),
    _descriptor("mapping without a servlet", wars.mapping("ghost", "/x"), "unknown servlet name [ghost]"),
    _descriptor("error page without a slash", ERROR_PAGE, "Error page location [error.jsp]"),
    _files("context.xml not well-formed", {"META-INF/context.xml": "<Context><Resource></Context>"}, '"Resource"'),
    _files("corrupt library", {"WEB-INF/lib/shop-lib.jar": NO_LIBRARY}, "shop-lib.jar"),
    _files("page throws", {"index.jsp": PAGE_THROWS}, "the basket is empty"),
    _files("page does not compile", {"index.jsp": PAGE_WITHOUT_CLASS}, "com.acme.shop.Missing"),
    _files("expression of a page", {"index.jsp": "${pageContext.request.basket}\n"}, "Property [basket] not found"),
    _files("tag library missing", {"index.jsp": PAGE_WITH_TAGS}, "http://java.sun.com/jsp/jstl/core"),
)
"""Each WAR does not start, or answers requests for `/` with an error."""
