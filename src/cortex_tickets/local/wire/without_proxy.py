"""Lets this process's clients reach the engine where the environment names a proxy."""

from __future__ import annotations

import os
from urllib.request import getproxies, proxy_bypass


def reach_without_proxy(host: str) -> None:
    """Say in the environment that no proxy leads to a host of this machine; nothing where none is in its way.

    Snowflake's connector takes proxies from the environment and has no parameter that keeps one host from them. What
    the environment names already goes on being reached without a proxy.

    Args:
        host: Its address.
    """
    if not getproxies() or proxy_bypass(host):
        return
    # Where both are set, clients read the small one alone.
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = f"{named},{host}" if named else host
