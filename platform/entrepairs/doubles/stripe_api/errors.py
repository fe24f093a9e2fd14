"""Refusals in Stripe's own form."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is not 2xx: `{"error": {"type", "code", "param", "message", …}}`.

    keeps_work: the refusal is itself an outcome (a declined card), so what was written stays written.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_work: bool = False,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_work = keeps_work
        told = {"code": code, "param": param, **more}
        error: Json = {"type": kind, "message": message}
        error.update({name: value for name, value in told.items() if value is not None})
        self.body: Json = {"error": error}


def missing_object(kind: str, wanted: str, param: str = "id") -> ApiError:
    """404 `resource_missing`; 400 when the unknown id came inside another object's parameters."""
    return ApiError(
        f"No such {kind}: '{wanted}'",
        status=404 if param == "id" else 400,
        code="resource_missing",
        param=param,
    )


def wrong_state(message: str, code: str) -> ApiError:
    """400: the object is not (or no longer) in a state that allows this."""
    return ApiError(message, code=code)
