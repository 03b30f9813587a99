"""Makes moto's start and its requests faster."""

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
    skip_what_is_not_used()
    cache_lookups()


def skip_what_is_not_used() -> None:
    # Moto's SSM imports moto's EC2, which takes a second. SSM needs EC2 only for RunCommand, and the stand-in does not
    # use RunCommand.
    sys.modules.setdefault("moto.ec2", types.ModuleType("moto.ec2")).__dict__.setdefault("ec2_backends", None)
    # Werkzeug compiles a URL builder for each rule, which takes half a second. The stand-in never builds URLs.
    Rule._compile_builder = lambda *_: lambda *_, **__: ("", "")  # type: ignore[method-assign]


def cache_lookups() -> None:
    # Moto creates a loader for each service's model, and each loader first lists all folders of botocore. With the
    # cache, there is only one loader.
    core_utils.create_loader = cache(create_loader)
    # Without the cache, moto lists the methods of a service's class for each request.
    core_responses.method_names_from_class = cache(method_names_from_class)
    # Without the cache, moto lists its own folder for each request, and compares the address with every service. This
    # takes up to 1 ms.
    DomainDispatcherApplication.get_backend_for_host = cache(DomainDispatcherApplication.get_backend_for_host)
