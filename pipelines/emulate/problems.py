"""Errors as the two CRMs write them."""

from typing import Any

from starlette.responses import JSONResponse


def problem(status: int, category: str, **more: Any) -> JSONResponse:
    """An error as HubSpot writes it."""
    body = {
        "status": "error",
        "message": "refused",
        "correlationId": "00000000-0000-0000-0000-000000000000",
        "category": category,
        **more,
    }
    return JSONResponse(body, status)


def error(code: str, status: int = 400) -> JSONResponse:
    """An error as Salesforce writes it."""
    return JSONResponse([{"message": code.lower().replace("_", " "), "errorCode": code}], status)
