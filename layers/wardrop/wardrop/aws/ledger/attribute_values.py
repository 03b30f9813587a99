"""Converts values to DynamoDB's notation and back.

This version of Wardrop writes no sets and no bytes, but a newer version may write them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def serialized(value: Any) -> dict[str, Any]:
    """Converts a value to DynamoDB's notation. Raises TypeError for types that DynamoDB does not have, such as float.

    DynamoDB's numbers are decimal.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [serialized(element) for element in value]}
        case Mapping():
            return {"M": {name: serialized(element) for name, element in value.items()}}
        case bytes():
            return {"B": value}
        case set() if value:
            return _set([serialized(element) for element in value])
    raise TypeError(f"the ledger cannot contain a {type(value).__name__}")


def _set(elements: list[dict[str, Any]]) -> dict[str, Any]:
    """Converts a set of strings, of numbers or of binary values. Raises TypeError for any other set."""
    kinds = {kind for element in elements for kind in element}
    if len(kinds) > 1 or not kinds <= {"S", "N", "B"}:
        raise TypeError(f"the ledger cannot contain a set of {' and '.join(sorted(kinds))}")
    [kind] = kinds
    return {f"{kind}S": [element[kind] for element in elements]}


def unserialized(value: Mapping[str, Any]) -> Any:
    """Converts a value from DynamoDB's notation. A number without a decimal point becomes an int."""
    [(kind, content)] = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return content
        case "NULL":
            return None
        case "N":
            return int(content) if content.lstrip("-").isdigit() else Decimal(content)
        case "L":
            return [unserialized(element) for element in content]
        case "M":
            return {name: unserialized(element) for name, element in content.items()}
        case "SS" | "NS" | "BS":
            return {unserialized({kind[0]: element}) for element in content}
    raise TypeError(f"DynamoDB's type {kind} is unknown")
