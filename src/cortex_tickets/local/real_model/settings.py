"""Where the real model is, as the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

URL = "CORTEX_TICKETS_LLM_URL"
MODEL = "CORTEX_TICKETS_LLM_MODEL"
API_KEY = "CORTEX_TICKETS_LLM_API_KEY"
_CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How the server is asked.

    Attributes:
        base: Address before `/chat/completions`.
        model: Name of the model; `None` takes the first that the server lists.
        api_key: Sent as a bearer token; `None` sends none.
        timeout: Seconds for one request.
        attempts: Most requests for one answer.
        at_once: Most requests at the same time, over all sessions.
    """

    base: str
    model: str | None = None
    api_key: str | None = None
    timeout: float = 120.0
    attempts: int = 3
    at_once: int = 8


def settings_from(environment: Mapping[str, str] = os.environ) -> ModelSettings | None:
    """The settings; `None` where no address is set.

    Raises:
        ValueError: For an address that is neither http nor https.
    """
    url = environment.get(URL, "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{URL} must be an http or https address, such as http://localhost:11434/v1; it is {url!r}.")
    base = url.removesuffix(_CHAT)
    if not urlsplit(base).path:
        base += "/v1"
    return ModelSettings(base, environment.get(MODEL) or None, environment.get(API_KEY) or None)
