"""Labels a table, and says so after its first chunk; it is interrupted from outside."""

import json
import sys

from snowflake.snowpark import Session

from cortex_tickets import RunProgress, TicketClassifier


def tell(progress: RunProgress) -> None:
    if progress.n_done:
        sys.stdout.write(f"{progress.n_done}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    session = Session.builder.configs(json.loads(sys.argv[1])).create()
    classifier = TicketClassifier(session, labels=["Lost phone", "Roaming fees"], model="claude-sonnet-4-6")
    classifier.classify_table("T", into="L", chunk_rows=2_000, progress=tell)
