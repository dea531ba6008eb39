"""Times imports, each in a fresh process, as medians over several."""

from __future__ import annotations

import statistics
import subprocess
import sys

STATEMENTS = (
    "import cortex_tickets",
    "from cortex_tickets import *",  # every public name, the embedded engine's module without its libraries
    "import snowflake.snowpark",
    "import snowflake.cortex",
)
RUNS = 7


def seconds(statement: str) -> float | None:
    """Return the median seconds that the import takes in a fresh interpreter, or None if it is not installed."""
    code = f"import time\nt = time.perf_counter()\n{statement}\nprint(time.perf_counter() - t)"
    found = []
    for _ in range(RUNS):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        found.append(float(done.stdout.split()[-1]))
    return statistics.median(found)


def main() -> None:
    """Print one row per module."""
    print("| import | median of 7, seconds |")
    print("|---|---:|")
    for statement in STATEMENTS:
        taken = seconds(statement)
        print(f"| `{statement}` | {'not installed' if taken is None else f'{taken:.3f}'} |")


if __name__ == "__main__":
    main()
