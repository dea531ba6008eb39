"""The options that several commands have, so that each is called and explained the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Connection = Annotated[
    str | None,
    typer.Option(help="Connection of Snowflake's connections.toml; without it the embedded engine answers."),
]
EnginePath = Annotated[
    Path | None,
    typer.Option("--path", help="Folder in which the embedded engine keeps its tables between commands."),
]
Config = Annotated[
    Path | None,
    typer.Option(help="Settings file; without it cortex_tickets.toml of the working directory, if it is there."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on after the price was shown, without a question.")]
Table = Annotated[str | None, typer.Option(help="Table of the tickets.")]
LabelsTable = Annotated[str | None, typer.Option("--labels", help="Ledger that `classify` wrote.")]
LabelledBy = Annotated[
    str | None, typer.Option(help="Model whose labels are used, where the ledger has those of several.")
]
TrainingSetTable = Annotated[str | None, typer.Option("--training-set", help="Table of the training set.")]
AiBudget = Annotated[
    float | None, typer.Option("--budget", help="AI credits at most: a hard stop. What is done until then is kept.")
]
PlatformBudget = Annotated[
    float | None, typer.Option("--platform-budget", help="Platform credits at most, which pay for fine-tuning.")
]
Timeout = Annotated[float | None, typer.Option(help="Seconds at most; what is done until then is kept.")]
ChunkRows = Annotated[int, typer.Option(help="Distinct texts in one statement; the budget is looked at before each.")]
