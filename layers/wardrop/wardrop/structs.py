"""Makes changed copies of msgspec structs. Mypy checks the field names and types."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Copies the function's type, because mypy checks the arguments of dataclasses.replace, but not those of msgspec's
    # replace.
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["replace"]
