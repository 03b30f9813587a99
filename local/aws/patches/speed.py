"""Makes the start of moto and each request faster."""

import sys
import types
from functools import cache

from moto.core import responses as core_responses
from moto.core import utils as core_utils
from moto.core.loaders import create_loader
from moto.core.responses import method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.routing import Rule


def install() -> None:
    # there is no EC2 here, and moto's, which its SSM imports for RunCommand, takes a second to load
    sys.modules.setdefault("moto.ec2", types.ModuleType("moto.ec2")).__dict__.setdefault("ec2_backends", None)
    # URLs are only matched here. To compile a builder for each rule takes half a second.
    Rule._compile_builder = lambda *_: lambda *_, **__: ("", "")  # type: ignore[method-assign]
    # moto reads each service's model with a loader of its own, which looks at all folders of botocore first
    core_utils.create_loader = cache(create_loader)
    # moto lists the methods of a service's class with each request
    core_responses.method_names_from_class = cache(method_names_from_class)
    # moto lists its own folder and tries every service's address with each request, up to a millisecond of it
    DomainDispatcherApplication.get_backend_for_host = cache(DomainDispatcherApplication.get_backend_for_host)
