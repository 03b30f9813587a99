"""Generates the deployment logs of broken versions, each with the texts that name its cause.

Tomcat's records and traces have the form that Tomcat 10.1 writes (`OneLineFormatter`: traces are indented by a tab);
cfn-init's and eb-engine's have the forms in published logs of Amazon Linux 2023. How Beanstalk puts them together in a
deployment log is not documented beyond "[ERROR] at the failed step, and up to the last 50 lines of its output".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wardrop.evidence.kinds import Kind

CLOCK = "28-Nov-2026 12:00:07.123"
ENGINE = "2026/11/28 12:00:07.123456"
CFN = "2026-11-28 12:00:07,123"
SPRING = "2026-11-28T12:00:07.123Z"


@dataclass(frozen=True)
class Broken:
    name: str
    kind: Kind
    cause: tuple[str, ...]
    """Texts that the alert must contain."""

    body: str
    secrets: tuple[str, ...] = ()


def trace(*chain: str, frame: str = "com.acme.shop.Boot.start(Boot.java:41)", indent: str = "") -> str:
    """An exception and its causes. Only the deepest one has a frame of the application."""
    lines = []
    for number, thrown in enumerate(chain):
        lines.append(f"{'Caused by: ' if number else ''}{thrown}")
        if number == len(chain) - 1:
            lines += ["\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)", f"\tat {frame}"]
        lines += ["\tat org.apache.catalina.core.StandardContext.listenerStart(StandardContext.java:4224)"]
        lines += ["\tat java.base/java.lang.Thread.run(Thread.java:840)"] if not number else ["\t... 37 more"]
    return "\n".join(indent + line for line in lines)


def listener(*chain: str, frame: str = "com.acme.shop.Boot.start(Boot.java:41)") -> str:
    where = f"{CLOCK} SEVERE [main] org.apache.catalina.core.StandardContext"
    return (
        f"{where}.listenerStart Exception sending context initialized event to listener instance of class "
        f"[com.acme.shop.Boot]\n{trace(*chain, frame=frame, indent=chr(9))}\n"
        f"{where}.startInternal One or more listeners failed to start. Full details will be found in the appropriate "
        f"container log file\n{where}.startInternal Context [] startup failed due to previous errors"
    )


def tomcat(record: str, *chain: str) -> str:
    bare = "\n".join(
        f"\t{'Caused by: ' if n else ''}{one}\n\t\tat org.apache.catalina.X.y(X.java:1)" for n, one in enumerate(chain)
    )
    return f"{CLOCK} SEVERE [main] org.apache.catalina.{record}" + (f"\n{bare}" if chain else "")


def spring(*chain: str) -> str:
    head = "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'shopService'"
    warn = f"{SPRING}  WARN 1 --- [main] o.s.c.s.GenericApplicationContext : Exception encountered during context "
    return (
        f"{warn}initialization - cancelling refresh attempt: {head}\n"
        f"{SPRING} ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed\n\n{trace(head, *chain)}"
    )


def report(*described: str) -> str:
    lines = "\n".join(described)
    return f"***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n\n{lines}\n\nAction:\n\nCorrect it and try again."


def cfn(command: str, code: int, *output: str) -> str:
    said = "\n".join(f"{CFN} P2931 [INFO] \t{line}" for line in output)
    return (
        f"{CFN} P2931 [INFO] Command {command}\n"
        f"{CFN} P2931 [INFO] -----------------------Command Output-----------------------\n{said}\n"
        f"{CFN} P2931 [INFO] ------------------------------------------------------------\n"
        f"{CFN} P2931 [ERROR] Exited with error code {code}\n"
        f"{CFN} [ERROR] Command {command} (./bin/{command}.sh) failed\n"
        f"{CFN} [ERROR] Error encountered during build of prebuild_0_shop: Command {command} failed\n"
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.9/site-packages/cfnbootstrap/construction.py", line 579, in run_config\n'
        "    CloudFormationCarpenter(config, self._auth_config).build(worklog)\n"
        f"cfnbootstrap.construction_errors.ToolError: Command {command} failed\n"
        f"{step('PreBuildEbExtension', 'EbExtension build failed. Please refer to /var/log/cfn-init.log for more details.')}"
    )


def step(name: str, error: str) -> str:
    said = f"An error occurred during execution of command [app-deploy] - [{name}]. Stop running the command. Error: "
    return f"{ENGINE} [ERROR] {said}{error}"


def hook(script: str, code: int, *output: str) -> str:
    error = f"Command .platform/hooks/{script} failed with error exit status {code}. Stderr:"
    return step("RunAppDeployPreDeployHooks", error + "\n".join(output))


def listed(name: str, code: int, *output: str) -> str:
    """The form in which the developer guide describes a failure: the step, and then its output."""
    return "\n".join([f"{ENGINE} [ERROR] The hook {name} failed with exit code {code}", *output])


JDBC = "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure"
PG = "org.postgresql.util.PSQLException"

ALL = [
    Broken("deepest-cause", Kind.SETTING, ("environment variable SHOP_DB_URL is not set", "com.acme.shop.Boot.start"),
           listener("java.lang.RuntimeException: the shop cannot start", "java.io.IOException: no settings",
                    "java.lang.IllegalStateException: environment variable SHOP_DB_URL is not set")),
    Broken("null-pointer", Kind.EXCEPTION, ("NullPointerException", "com.acme.shop.Cart.load(Cart.java:17)"),
           listener('java.lang.NullPointerException: Cannot invoke "String.trim()" because "name" is null',
                    frame="com.acme.shop.Cart.load(Cart.java:17)")),
    Broken("own-exception", Kind.EXCEPTION, ("com.acme.shop.LicenceExpired", "2026-11-01"),
           listener("java.lang.RuntimeException: boot", "com.acme.shop.LicenceExpired: the licence ended on 2026-11-01")),
    Broken("korean", Kind.EXCEPTION, ("결제 모듈을 초기화할 수 없습니다",),
           listener("java.lang.IllegalStateException: 결제 모듈을 초기화할 수 없습니다")),
    Broken("port-bind", Kind.PORT, ("Address already in use",),
           tomcat("core.StandardService.initInternal Failed to initialize connector [Connector[HTTP/1.1-8080]]",
                  "org.apache.catalina.LifecycleException: Protocol handler initialization failed",
                  "java.net.BindException: Address already in use")),
    Broken("port-spring", Kind.PORT, ("Port 8080 was already in use",),
           report("Web server failed to start. Port 8080 was already in use.")),
    Broken("port-listener", Kind.PORT, ("java.net.BindException", "com.acme.shop.Admin.open"),
           listener("java.io.UncheckedIOException: admin", "java.net.BindException: Address already in use (Bind failed)",
                    frame="com.acme.shop.Admin.open(Admin.java:9)")),
    Broken("class-missing", Kind.CLASS, ("com.acme.shop.Gone",),
           listener("java.lang.NoClassDefFoundError: com/acme/shop/Gone", "java.lang.ClassNotFoundException: com.acme.shop.Gone")),
    Broken("listener-missing", Kind.CLASS, ("com.acme.shop.Nowhere",),
           tomcat("core.StandardContext.listenerStart Error configuring application listener of class [com.acme.shop.Nowhere]",
                  "java.lang.ClassNotFoundException: com.acme.shop.Nowhere")),
    Broken("method-missing", Kind.CLASS, ("NoSuchMethodError", "readTree"),
           spring("java.lang.NoSuchMethodError: 'com.fasterxml.jackson.databind.JsonNode com.fasterxml.jackson.databind.ObjectMapper.readTree(java.io.Reader)'")),
    Broken("native-library", Kind.CLASS, ("no tcnative-9 in java.library.path",),
           listener("java.lang.UnsatisfiedLinkError: no tcnative-9 in java.library.path: /usr/java/packages/lib")),
    Broken("service-loader", Kind.CLASS, ("ServiceConfigurationError", "com.acme.Pay"),
           listener("java.util.ServiceConfigurationError: com.acme.Pay: Provider com.acme.PayImpl not found")),
    Broken("javax-listener", Kind.JAKARTA, ("javax", "ServletContextListener"),
           tomcat("core.StandardContext.listenerStart Error configuring application listener of class [com.acme.shop.Old]",
                  "java.lang.NoClassDefFoundError: javax/servlet/ServletContextListener",
                  "java.lang.ClassNotFoundException: javax.servlet.ServletContextListener")),
    Broken("javax-persistence", Kind.JAKARTA, ("javax.persistence.Entity",),
           spring("java.lang.NoClassDefFoundError: javax/persistence/Entity", "java.lang.ClassNotFoundException: javax.persistence.Entity")),
    Broken("jakarta-on-old", Kind.JAKARTA, ("jakarta.servlet.Filter",),
           tomcat("core.StandardContext.filterStart Exception starting filter [encoding]",
                  "java.lang.NoClassDefFoundError: jakarta/servlet/Filter", "java.lang.ClassNotFoundException: jakarta.servlet.Filter")),
    Broken("javax-cast", Kind.JAKARTA, ("cannot be cast to class jakarta.servlet.Servlet",),
           tomcat("core.ApplicationContext.log Servlet.init() for servlet [old] threw exception",
                  "java.lang.ClassCastException: class com.acme.shop.Old cannot be cast to class jakarta.servlet.Servlet")),
    Broken("class-version", Kind.CLASS_VERSION, ("class file version 65.0",),
           tomcat("core.StandardContext.listenerStart Error configuring application listener of class [com.acme.shop.Boot]",
                  "java.lang.UnsupportedClassVersionError: com/acme/shop/Boot has been compiled by a more recent version of "
                  "the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file "
                  "versions up to 61.0 (unable to load class [com.acme.shop.Boot])")),
    Broken("class-version-main", Kind.CLASS_VERSION, ("UnsupportedClassVersionError", "65.0"),
           "Error: LinkageError occurred while loading main class com.acme.shop.Main\n\tjava.lang.UnsupportedClassVersionError: "
           "com/acme/shop/Main has been compiled by a more recent version of the Java Runtime (class file version 65.0)"),
    Broken("web-xml-syntax", Kind.WEB_XML, ("servlet-name", "end-tag"),
           tomcat("tomcat.util.digester.Digester.fatalError Parse fatal error at line [12] column [94]",
                  'org.xml.sax.SAXParseException; systemId: file:/var/app/current/WEB-INF/web.xml; lineNumber: 12; columnNumber: 94; '
                  'The element type "servlet-name" must be terminated by the matching end-tag "</servlet-name>".')),
    Broken("web-xml-twice", Kind.WEB_XML, ("both mapped to the url-pattern [/pay]",),
           tomcat("tomcat.util.digester.Digester.endElement End event threw exception",
                  "java.lang.reflect.InvocationTargetException",
                  "java.lang.IllegalArgumentException: The servlets named [a] and [b] are both mapped to the url-pattern [/pay] which is not permitted")),
    Broken("web-xml-pattern", Kind.WEB_XML, ("Invalid <url-pattern> [shop]",),
           tomcat("startup.HostConfig.deployDirectory Error deploying web application directory [/var/app/current]",
                  "java.lang.IllegalStateException: Error starting child", "org.apache.catalina.LifecycleException: Failed to start component",
                  "java.lang.IllegalArgumentException: Invalid <url-pattern> [shop] in servlet mapping")),
    Broken("memory-heap", Kind.MEMORY, ("OutOfMemoryError: Java heap space", "com.acme.shop.Boot.start"),
           tomcat("startup.HostConfig.deployWARs Error waiting for multi-thread deployment of WAR files to complete")
           + "\n" + trace("java.util.concurrent.ExecutionException: java.lang.OutOfMemoryError: Java heap space",
                          "java.lang.OutOfMemoryError: Java heap space", indent="\t")),
    Broken("memory-metaspace", Kind.MEMORY, ("Metaspace",), "Terminating due to java.lang.OutOfMemoryError: Metaspace"),
    Broken("memory-killed", Kind.MEMORY, ("Killed process 3021 (java)",),
           "Nov 28 12:00:07 ip-172-31-5-6 kernel: Out of memory: Killed process 3021 (java) total-vm:4021332kB"),
    Broken("memory-stack", Kind.MEMORY, ("StackOverflowError", "com.acme.shop.Tree.walk"),
           listener("java.lang.StackOverflowError", frame="com.acme.shop.Tree.walk(Tree.java:8)")),
    Broken("jvm-heap-option", Kind.JVM, ("Invalid maximum heap size: -Xmx512", ),
           "Nov 28 12:00:07 ip-172-31-5-6 server[3021]: Invalid maximum heap size: -Xmx512mb\n"
           "Nov 28 12:00:07 ip-172-31-5-6 server[3021]: Error: Could not create the Java Virtual Machine."),
    Broken("jvm-option", Kind.JVM, ("Unrecognized VM option 'MaxPermSize=256m'",),
           "Unrecognized VM option 'MaxPermSize=256m'\nError: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit."),
    Broken("jvm-main-class", Kind.JVM, ("com.acme.shop.Main",), "Error: Could not find or load main class com.acme.shop.Main"),
    Broken("jvm-manifest", Kind.JVM, ("no main manifest attribute, in /var/app/current/application.jar",),
           "Nov 28 12:00:07 ip-172-31-5-6 web[3021]: no main manifest attribute, in /var/app/current/application.jar"),
    Broken("setting-spring", Kind.SETTING, ("Could not resolve placeholder 'shop.pay.url'",),
           spring("java.lang.IllegalArgumentException: Could not resolve placeholder 'shop.pay.url' in value \"${shop.pay.url}\"")),
    Broken("setting-datasource", Kind.SETTING, ("Failed to configure a DataSource",),
           report("Failed to configure a DataSource: 'url' attribute is not specified and no embedded datasource could be configured.",
                  "", "Reason: Failed to determine a suitable driver class")),
    Broken("setting-property", Kind.SETTING, ("required property shop.region is missing",),
           listener("com.acme.shop.BadConfiguration: required property shop.region is missing")),
    Broken("setting-line", Kind.SETTING, ("PAYMENT_API_URL",),
           f"{SPRING} ERROR 1 --- [main] com.acme.shop.Main : environment variable PAYMENT_API_URL is not set, giving up"),
    Broken("setting-jndi", Kind.SETTING, ("jdbc/shop",),
           listener("javax.naming.NameNotFoundException: Name [jdbc/shop] is not bound in this Context. Unable to find [jdbc].")),
    Broken("database-refused", Kind.DATABASE, ("Connection refused", "Connection to db.internal:5432 refused"),
           spring(f"{PG}: Connection to db.internal:5432 refused. Check that the hostname and port are correct",
                  "java.net.ConnectException: Connection refused")),
    Broken("database-password", Kind.DATABASE, ("password authentication failed for user",),
           spring(f'{PG}: FATAL: password authentication failed for user "shop" (password=hunter2!)'), ("hunter2!",)),
    Broken("database-denied", Kind.DATABASE, ("Access denied for user 'shop'@'10.0.0.4'",),
           listener("java.lang.RuntimeException: jdbc:mysql://shop:s3cr3tPW@db.internal/shop?password=s3cr3tPW",
                    "java.sql.SQLException: Access denied for user 'shop'@'10.0.0.4' (using password: YES)"), ("s3cr3tPW",)),
    Broken("database-host", Kind.DATABASE, ("db.internal",), spring(JDBC, "java.net.UnknownHostException: db.internal: Name or service not known")),
    Broken("database-missing", Kind.DATABASE, ('database "shop_v2" does not exist',),
           spring(f'{PG}: FATAL: database "shop_v2" does not exist')),
    Broken("database-column", Kind.DATABASE, ("column p.price_krw does not exist",),
           spring("org.hibernate.exception.SQLGrammarException: could not prepare statement", f"{PG}: ERROR: column p.price_krw does not exist")),
    Broken("database-flyway", Kind.DATABASE, ("Migration checksum mismatch for migration version 7",),
           spring("org.flywaydb.core.api.exception.FlywayValidateException: Validate failed: Migration checksum mismatch for migration version 7")),
    Broken("database-oracle", Kind.DATABASE, ("ORA-12514",),
           listener("java.sql.SQLRecoverableException: ORA-12514: Cannot connect to database. jdbc:oracle:thin:scott/t1ger9@//db:1521/x"), ("t1ger9",)),
    Broken("network-host", Kind.NETWORK, ("payments.acme.test",),
           listener("java.lang.RuntimeException: boot", "java.net.UnknownHostException: payments.acme.test")),
    Broken("network-tls", Kind.NETWORK, ("PKIX path building failed",),
           listener("javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target")),
    Broken("file-missing", Kind.FILE, ("/etc/shop/licence.key",),
           tomcat("core.StandardContext.filterStart Exception starting filter [licence]", "jakarta.servlet.ServletException: no licence",
                  "java.nio.file.NoSuchFileException: /etc/shop/licence.key")),
    Broken("file-denied", Kind.FILE, ("/var/log/shop.log (Permission denied)",),
           listener("java.io.FileNotFoundException: /var/log/shop.log (Permission denied)")),
    Broken("file-classpath", Kind.FILE, ("class path resource [shop.xml]",),
           spring("java.io.FileNotFoundException: class path resource [shop.xml] cannot be opened because it does not exist")),
    Broken("disk-java", Kind.DISK, ("No space left on device",), listener("java.io.IOException: No space left on device")),
    Broken("disk-unpack", Kind.DISK, ("No space left on device",),
           step("StageApplication", "cannot write /var/app/staging/shop.jar: No space left on device")),
    Broken("unzip-backslashes", Kind.UNPACK, ("backslashes as path separators",),
           step("StageApplication", "Command /usr/bin/unzip -q -o /opt/elasticbeanstalk/deployment/app_source_bundle -d /var/app/staging failed "
                "with error exit status 1. Stderr:warning:  app_source_bundle appears to use backslashes as path separators")),
    Broken("unzip-broken", Kind.UNPACK, ("End-of-central-directory signature not found",),
           step("StageApplication", "Command /usr/bin/unzip failed with error exit status 9. Stderr:  End-of-central-directory signature not found.")),
    Broken("war-broken", Kind.UNPACK, ("zip END header not found",),
           tomcat("startup.ContextConfig.beforeStart Exception fixing docBase for context []", "java.util.zip.ZipException: zip END header not found")),
    Broken("cfn-127", Kind.COMMAND, ("01_migrate", "127", "flyway: command not found"),
           cfn("01_migrate", 127, "./bin/01_migrate.sh: line 3: flyway: command not found")),
    Broken("cfn-1", Kind.COMMAND, ("02_assets", "gulp: no task named build"), cfn("02_assets", 1, "starting", "error: gulp: no task named build", "done in 3s")),
    Broken("cfn-secret", Kind.COMMAND, ("03_seed", "Access denied"),
           cfn("03_seed", 1, "mysql -h db -u shop -pTr0ub4dor shop", "ERROR 1045 (28000): Access denied for user 'shop'@'10.0.0.4'"), ("Tr0ub4dor",)),
    Broken("hook-stderr", Kind.COMMAND, ("predeploy/01_check.sh", "exit status 2", "No such file or directory"),
           hook("predeploy/01_check.sh", 2, "cat: /opt/licence: No such file or directory")),
    Broken("hook-listed", Kind.COMMAND, ("prebuild/10_env.sh", "exit code 3", "licence server cannot be reached"),
           listed(".platform/hooks/prebuild/10_env.sh", 3, "checking", "the licence server cannot be reached", "bye")),
    Broken("hook-not-executable", Kind.COMMAND, ("postdeploy/99_warm.sh", "permission denied"),
           step("RunAppDeployPostDeployHooks", "fork/exec .platform/hooks/postdeploy/99_warm.sh: permission denied")),
    Broken("hook-aws", Kind.COMMAND, ("02_params.sh", "AccessDeniedException"),
           hook("prebuild/02_params.sh", 254, "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY "
                "An error occurred (AccessDeniedException) when calling the GetParameter operation"), ("wJalrXUtnFEMI",)),
    Broken("config-yaml", Kind.CONFIG_FILE, (".ebextensions/01.config", "invalid YAML"),
           f"{ENGINE} [ERROR] The configuration file .ebextensions/01.config in application version shop-42 contains invalid YAML or JSON"),
    Broken("proxy-nginx", Kind.PROXY, ('unknown directive "gzip_onn"',),
           step("CheckProxyConfiguration", 'nginx: [emerg] unknown directive "gzip_onn" in /var/proxy/staging/nginx/conf.d/gzip.conf:1')),
    Broken("proxy-apache", Kind.PROXY, ("AH00526", "mod_shop.conf"),
           step("CheckProxyConfiguration", "AH00526: Syntax error on line 3 of /etc/httpd/conf.d/mod_shop.conf: Invalid command")),
    Broken("trace-in-json", Kind.EXCEPTION, ("the licence has ended", "com.acme.shop.Licence.check"),
           '{"@timestamp":"2026-11-28T12:00:07Z","level":"ERROR","message":"Application run failed","stack_trace":"org.springframework.A: bean'
           '\\n\\tat org.springframework.A.b(A.java:1)\\nCaused by: com.acme.shop.LicenceError: the licence has ended\\n\\tat '
           'com.acme.shop.Licence.check(Licence.java:7)\\n\\t... 20 more"}'),
    Broken("trace-by-journald", Kind.FILE, ("/etc/shop.conf", "com.acme.shop.Boot.start"),
           "\n".join("Nov 28 12:00:07 ip-172-31-5-6 tomcat[2345]: " + line for line in listener(
               "java.lang.RuntimeException: boot", "java.io.FileNotFoundException: /etc/shop.conf (No such file or directory)").split("\n"))),
    Broken("trace-without-its-beginning", Kind.CLASS, ("com/acme/Lib",),
           "Error: Unable to initialize main class com.acme.Main\nCaused by: java.lang.NoClassDefFoundError: com/acme/Lib"),
    Broken("root-cause-first", Kind.NETWORK, ("redis.internal", "com.acme.shop.Cache.open"),
           f"{SPRING} ERROR [main] com.acme.Main - cannot start\njava.net.UnknownHostException: redis.internal\n\tat com.acme.shop.Cache.open(C.java:5)"
           "\nWrapped by: java.lang.RuntimeException: cache\n\tat com.acme.Main.main(Main.java:1)"),
    Broken("spring-warning-alone", Kind.SETTING, ("Could not resolve placeholder 'x.y'",),
           f"{SPRING}  WARN 3 --- [main] o.s.A : Exception encountered during context initialization - cancelling refresh attempt: "
           "org.springframework.beans.factory.BeanCreationException: Error; nested exception is java.lang.IllegalArgumentException: "
           "Could not resolve placeholder 'x.y' in value"),
    Broken("spring-bean", Kind.START, ("required a bean of type 'com.acme.Gateway'",),
           report("Parameter 0 of constructor in com.acme.Pay required a bean of type 'com.acme.Gateway' that could not be found.")),
    Broken("cfn-python", Kind.COMMAND, ("01_collect", "No module named 'django'"),
           f"{CFN} [ERROR] Command 01_collect (python manage.py) failed\n{CFN} [DEBUG] Command 01_collect output: Traceback (most recent call last):\n"
           "  File \"manage.py\", line 3\nModuleNotFoundError: No module named 'django'"),
    Broken("hook-in-the-output", Kind.COMMAND, ("prebuild/x.sh", "126", "bad interpreter"),
           f"{ENGINE} [ERROR] Application deployment failed at step RunAppDeployPreBuildHooks\nCommand .platform/hooks/prebuild/x.sh failed "
           "with exit code 126\n/bin/bash^M: bad interpreter: No such file or directory"),
    Broken("no-procfile", Kind.STEP, ("no .jar file at root level",),
           step("CheckProcfileForJavaApplication", "there is no Procfile and no .jar file at root level of your source bundle")),
    Broken("unknown-step", Kind.STEP, ("could not enable the launch template",),
           step("ConfigureOS", "could not enable the launch template of the fleet")),
]  # fmt: skip

SILENT = [
    "ERROR StatusLogger No Log4j 2 configuration file found. Using default configuration.",
    'SLF4J: Failed to load class "org.slf4j.impl.StaticLoggerBinder".',
    "",
    f"{ENGINE} [INFO] Executing instruction: StartApplication\n{ENGINE} [INFO] Completed Application deployment",
    f"{CLOCK} SEVERE [main] org.apache.catalina.core.StandardContext.startInternal Context [] startup failed due to previous errors",
    f"{CLOCK} SEVERE [main] org.apache.catalina.core.StandardContext.startInternal One or more listeners failed to start. "
    "Full details will be found in the appropriate container log file",
    f"{ENGINE} [ERROR] Application deployment failed.",
    f"{SPRING}  WARN 1 --- [main] c.a.s.Metrics : cannot send\n{trace('java.net.ConnectException: Connection refused')}",
    f"{SPRING}  INFO 1 --- [main] c.a.s.Main : 0 errors, no exception: required property shop.region is not missing",
    f"{CLOCK} INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [2311] milliseconds",
]
"""Logs that name no cause."""

NOISE = [
    f"{ENGINE} [INFO] Running command: systemctl show -p PartOf tomcat.service\n{ENGINE} [INFO] 0 errors, 0 failed",
    f"{CLOCK} WARNING [main] org.apache.catalina.loader.WebappClassLoaderBase.clearReferencesThreads The web application "
    "[ROOT] appears to have started a thread named [pool-1] but has failed to stop it. Stack trace of thread:\n"
    " java.base@17.0.15/jdk.internal.misc.Unsafe.park(Native Method)\n java.base@17.0.15/java.lang.Thread.run(Thread.java:840)",
    f"{SPRING}  WARN 1 --- [main] com.acme.shop.Metrics : cannot send metrics, token=abc123DEFghi\n"
    f"{trace('java.io.IOException: statsd', 'java.net.ConnectException: Connection refused', frame='com.acme.shop.Metrics.send(M.java:3)')}",
    "\x1b[32m2026-11-28T12:00:01.000Z\x1b[0m \x1b[1;33m WARN\x1b[0m deprecated: setting shop.old is not defined",
    f"{SPRING}  INFO 1 --- [main] c.a.s.Main : 상점이 시작됩니다 (port 8080 is already in use by nobody)",
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10",
    f"{SPRING} ERROR 1 --- [pool-2] c.a.s.Mail : newsletter, password: k0rrektPferd\n"
    f"{trace('com.acme.shop.MailFailed: later', frame='com.acme.shop.Mail.send(Mail.java:3)')}",
]
NOISE_SECRETS = ("abc123DEFghi", "k0rrektPferd")


def log_of(body: str, *, noisy: bool) -> bytes:
    before = (
        f"{ENGINE} [INFO] Starting Application deployment\n{ENGINE} [INFO] Executing instruction: StageApplication\n"
    )
    after = (
        f'{ENGINE} [INFO] Executing cleanup logic\n{ENGINE} [INFO] CommandService Response: {{"status":"FAILURE"}}\n'
    )
    around = "\n".join(NOISE) + "\n" if noisy else ""
    return (before + around + body + "\n" + (NOISE[1] + "\n" + NOISE[0] + "\n" if noisy else "") + after).encode()


def logs() -> Iterator[tuple[Broken, bytes]]:
    """Every second log also has lines that are not about the failure."""
    for number, broken in enumerate(ALL):
        yield broken, log_of(broken.body, noisy=number % 2 == 1)
