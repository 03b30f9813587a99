"""The kinds of causes that a deployment log can name."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of causes. Each value is a clause for users that follows the words "the deployment log says that"."""

    UNPACK = "the bundle cannot be unpacked"
    CONFIG_FILE = "a file in .ebextensions is not valid"
    COMMAND = "a command or a hook of the bundle failed"
    PROXY = "the configuration of the proxy server is not valid"
    DISK = "no space is left on the disk"
    MEMORY = "memory ran out"
    JVM = "the Java virtual machine does not start"
    CLASS_VERSION = "a class is compiled for a newer version of Java"
    JAKARTA = "the version uses javax where the platform has jakarta, or the reverse"
    CLASS = "a class or a method is missing"
    PORT = "a port is in use"
    SETTING = "a setting or an environment variable is missing"
    DATABASE = "the database refuses the connection or a statement, or cannot be reached"
    NETWORK = "another service cannot be reached"
    FILE = "a file is missing, or may not be read"
    WEB_XML = "web.xml, or another descriptor of the application, is not valid"
    START = "the application did not start"
    EXCEPTION = "the application threw an exception"
    STEP = "a step of the deployment failed"
