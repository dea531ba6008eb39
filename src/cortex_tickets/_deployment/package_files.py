"""The files of this package and of the one dependency that Snowflake's images may lack, as they are installed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib import metadata, resources
from importlib.resources.abc import Traversable

PACKAGE = "cortex_tickets"
BROUGHT_ALONG = "tenacity"
"""Pure Python, without dependencies, and absent from Snowflake's container images.

Source:
    docs.snowflake.com/en/developer-guide/snowflake-ml/container-runtime/releases/cpu/2_9, read 2026-11-22.
"""
_LEFT_OUT = frozenset({"__pycache__"})
_APP_SETTINGS = ".streamlit"
"""The one folder of the package whose name Streamlit chose."""
_OF_A_DISTRIBUTION = ("METADATA", "LICENSE", "LICENSE.txt", "NOTICE", "entry_points.txt")
"""What goes along of a distribution's own folder. Others, such as direct_url.json, tell of this machine."""


def package_files(*names: str) -> dict[str, bytes]:
    """Return the contents of packages that are installed here by their path in an archive, in order."""
    found: dict[str, bytes] = {}
    for name in names:
        found.update(_tree(resources.files(name), name))
        found.update(_about(name))
    return dict(sorted(found.items()))


def fingerprint(contents: Mapping[str, bytes]) -> str:
    """Return a hash of paths and contents: the same contents have the same, whoever packs them."""
    total = hashlib.sha256()
    for path, content in sorted(contents.items()):
        total.update(f"{path}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def version() -> str:
    """Return the version of this package as it is installed."""
    return metadata.version(PACKAGE)


def _tree(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name in _LEFT_OUT or (entry.name.startswith(".") and entry.name != _APP_SETTINGS):
            continue
        inside = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _tree(entry, inside)
        else:
            yield inside, entry.read_bytes()


def _about(name: str) -> Iterator[tuple[str, bytes]]:
    """The metadata and the licence: who gives a copy away has to give these too."""
    distribution = metadata.distribution(name)
    folder = f"{name}-{distribution.version}.dist-info"
    for file in distribution.files or []:
        parts = file.parts
        if not parts[0].endswith(".dist-info") or file.name not in _OF_A_DISTRIBUTION:
            continue
        yield "/".join((folder, *parts[1:])), file.read_binary()
