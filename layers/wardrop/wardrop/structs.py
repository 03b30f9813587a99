"""Makes changed copies of msgspec structs. Mypy checks the field names and types."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy checks the arguments of dataclasses.replace, but not those of msgspec's replace. Therefore mypy sees the
    # former here.
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["replace"]
