"""Packs this package as it is installed here: as a zip that Python imports from, or as a wheel."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from cortex_tickets._deployment.package_files import BROUGHT_ALONG, PACKAGE, fingerprint, package_files, version

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can say. It is the same for every file, so that equal contents make an equal archive."""
_MODE = 0o100644 << 16
_MARK_LENGTH = 12
_WHEEL = "Wheel-Version: 1.0\nGenerator: cortex_tickets.export_package\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_zip(folder: Path) -> Path:
    """Write the package and its one pure dependency as a zip, whole or not at all, and return its path.

    Its name has the version and a mark of its contents: a procedure goes on with the archive that it was made with.
    """
    contents = package_files(PACKAGE, BROUGHT_ALONG)
    name = f"{PACKAGE}-{version()}-{fingerprint(contents)[:_MARK_LENGTH]}.zip"
    return _written(folder / name, contents)


def write_wheel(folder: Path) -> Path:
    """Write the package as a wheel, whole or not at all, and return its path.

    Source:
        https://packaging.python.org/en/latest/specifications/binary-distribution-format, read 2026-11-25.
    """
    about = f"{PACKAGE}-{version()}.dist-info"
    contents = {**package_files(PACKAGE), f"{about}/WHEEL": _WHEEL.encode()}
    record = [f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in sorted(contents.items())]
    contents[f"{about}/RECORD"] = "".join([*record, f"{about}/RECORD,,\n"]).encode()
    return _written(folder / f"{PACKAGE}-{version()}-py3-none-any.whl", contents)


def _written(target: Path, contents: Mapping[str, bytes]) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            for path, content in contents.items():
                entry = zipfile.ZipInfo(path, _FIRST_DAY)
                entry.external_attr = _MODE
                entry.compress_type = zipfile.ZIP_DEFLATED
                made.writestr(entry, content)
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
