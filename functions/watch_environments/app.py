from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    print(event)
    return {"batchItemFailures": []}
