"""One request to the model server, tried again when the reason passes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from cortex_tickets.local.real_model.calling_off import CallingOff
from cortex_tickets.local.real_model.settings import ModelSettings

_PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class ModelServerError(Exception):
    """The server gave no answer; the text says why, and holds nothing of what was asked."""


def ask(
    settings: ModelSettings,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    off: CallingOff | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Any:
    """The server's JSON; a POST with a body, a GET without one.

    Args:
        settings: Where the server is.
        path: Behind its address.
        body: What is sent, as JSON.
        off: Breaks the request off.
        sleep: How to wait between attempts; `None` waits until it is called off.

    Raises:
        CalledOffError: When `off` was called off.
        ModelServerError: After the last attempt, or at once for what does not pass.
    """
    off = off or CallingOff()
    pause, why = _FIRST_PAUSE, ""
    for attempt in range(1, settings.attempts + 1):
        off.check()
        try:
            return _asked_once(settings, path, body, off)
        except urllib.error.HTTPError as error:
            with error:
                why = f"the model server answered with status {error.code}"
                wanted = error.headers.get("Retry-After", "")
            if error.code not in _PASSING:
                raise ModelServerError(why) from None
            if wanted.isdigit():
                pause = float(wanted)
        except (TimeoutError, OSError, HTTPException) as error:
            off.check()  # a request that is broken off fails like any other
            # URLError is an OSError; what it wraps says what happened.
            reason = getattr(error, "reason", error)
            why = (
                f"the model server did not answer within {settings.timeout:g} seconds"
                if isinstance(reason, TimeoutError)
                else f"the model server cannot be reached ({type(reason).__name__})"
            )
        except ValueError:
            raise ModelServerError("the model server's answer is no JSON") from None
        if attempt < settings.attempts:
            off.pause(min(pause, _LONGEST_PAUSE), sleep)
            pause *= 2
    raise ModelServerError(f"{why}, after {settings.attempts} attempts")


def _asked_once(settings: ModelSettings, path: str, body: Mapping[str, Any] | None, off: CallingOff) -> Any:
    headers = {"Accept": "application/json"}
    if settings.api_key is not None:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(settings.base + path, data=data, headers=headers)  # noqa: S310 - the settings take http and https only
    with off.opener() as opener, opener.open(request, timeout=settings.timeout) as response:
        return json.load(response)
