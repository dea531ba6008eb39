"""Runs every benchmark of this folder, one after the other, and prints their tables: half an hour.

python benchmarks/run.py            # at most 100,000 rows in a statement
python benchmarks/run.py --full     # and a million, which takes some minutes more
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "imports.py",
    "classify.py",
    "ledger.py",
    "engine_speed.py",
    "banking77.py",
    "banking77_student.py",
    "cascade_guarantee.py",
    "choose_engine_settings.py",
    "choose_embedding.py",
)
SIZES = {"ledger.py": ("10000", "100000"), "engine_speed.py": ("1000", "100000")}
MILLION = "1000000"


def main() -> None:
    """Run them all."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--full", action="store_true", help="measure ledger and engine at a million rows too")
    is_full = options.parse_args().full
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    for script in SCRIPTS:
        command = [str(Path(__file__).parent / script)]
        if script in SIZES:
            command += ["--rows", *SIZES[script], *([MILLION] if is_full else [])]
        print(f"## {script}\n", flush=True)
        subprocess.run([sys.executable, *command], check=True)
        print()


if __name__ == "__main__":
    main()
