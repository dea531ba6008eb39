"""Times imports, each in a fresh process, as medians over several."""

from __future__ import annotations

import statistics
import subprocess
import sys

MODULES = ("pydantic", "cortex_tickets", "snowflake.snowpark", "snowflake.cortex")
RUNS = 7


def seconds(module: str) -> float | None:
    """Return the median seconds that `import module` takes in a fresh interpreter, or None if it is not installed."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
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
    for module in MODULES:
        taken = seconds(module)
        print(f"| `{module}` | {'not installed' if taken is None else f'{taken:.3f}'} |")


if __name__ == "__main__":
    main()
