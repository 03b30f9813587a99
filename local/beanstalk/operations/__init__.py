"""The API's operations, without the wire format of requests and responses."""

from .applications import Applications
from .configurations import Configurations
from .environments import Environments
from .reports import Reports


class Operations(Applications, Environments, Configurations, Reports):
    """One request: each of the methods is the API's operation of that name, and returns its answer."""
