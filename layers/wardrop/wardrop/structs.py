"""Changed copies of msgspec structs, with field names and types checked by mypy."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy checks the arguments of dataclasses.replace against a struct's fields; msgspec's own accepts any arguments.
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["replace"]
