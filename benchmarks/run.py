"""Runs every benchmark of this folder, one after the other, and prints their tables."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

SCRIPTS = ("imports.py", "classify.py")


def main() -> None:
    """Run them all."""
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    for script in SCRIPTS:
        print(f"## {script}\n", flush=True)
        subprocess.run([sys.executable, str(Path(__file__).parent / script)], check=True)
        print()


if __name__ == "__main__":
    main()
