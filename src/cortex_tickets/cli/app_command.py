"""`cortex-tickets app`: starts the Streamlit app on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

import cortex_tickets
from cortex_tickets import InvalidInputError, LabelSet, MissingExtraError, Playbook, connect, local
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.closed_output import output_dropped_when_closed
from cortex_tickets.cli.exit_codes import ExitCode, say_on_interruption
from cortex_tickets.cli.interruption import end_within, interruption_told
from cortex_tickets.cli.label_choice import chosen_labels
from cortex_tickets.cli.model_spec import ModelSpec
from cortex_tickets.cli.opening import source_of
from cortex_tickets.cli.options import Config, Connection, EnginePath, Table
from cortex_tickets.cli.ports import require_free, require_port
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.showing import note
from cortex_tickets.model_names import model_names

_SECONDS_TO_END = 15.0
"""More than the app's work has to come to its end. What is left waits for a server that does not answer."""
EXAMPLE = "cortex-tickets app --path engine-data"


def start_app(
    ctx: typer.Context,
    *,
    connection: Connection = None,
    path: EnginePath = None,
    table: Table = None,
    label_set: Annotated[
        Path | None, typer.Option(help="TOML file of the labels; without any, the five of the sample tickets.")
    ] = None,
    config: Config = None,
    port: Annotated[int, typer.Option(help="Where the app listens.")] = 8501,
    address: Annotated[str, typer.Option(help="Who can reach it: by default this machine alone.")] = "127.0.0.1",
    engine_port: Annotated[
        int, typer.Option(help="Where the embedded engine listens, for a notebook beside the app; 0 takes a free port.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the app in a browser.")] = True,
) -> None:
    """Start the app in a browser, until Ctrl-C.

    Its pages label, correct, fine-tune, compare and reply. Without a connection the embedded engine answers, with the
    sample tickets. What the settings say stands on the pages already; their budget is the most that one run may cost.
    Gates and embedding students have no page.
    """
    if any(find_spec(name) is None for name in ("streamlit", "altair")):
        raise MissingExtraError("app")
    checks = Checks(config, connection, path)
    settings = checks.settings
    labels: LabelSet | None = None
    with checks:
        labels = chosen_labels(settings, (), label_set)
    _require_names(checks, table)
    _require_ports(address, port, engine_port)
    _require_opening(settings, engine_port)
    given = {
        **_places(settings, table),
        "CHOICES": json.dumps(_choices(settings)),
        "LABEL_SET": None if labels is None else labels.model_dump_json(),
        "ENGINE_PORT": str(engine_port),
    }
    os.environ.update({f"CORTEX_TICKETS_APP_{name}": value for name, value in given.items() if value is not None})
    is_headless = str(not browser).lower()
    given_to_streamlit = [f"--server.port={port}", f"--server.address={address}", f"--server.headless={is_headless}"]
    if settings.connection is None:
        say_on_interruption(ctx, "The app has stopped.")
        _run(given_to_streamlit)
        return
    say_on_interruption(
        ctx, f"The app stops: its work ends and its connection is closed, within {_SECONDS_TO_END:.0f} s."
    )
    try:
        _run(given_to_streamlit)
    except KeyboardInterrupt:
        end_within(_SECONDS_TO_END, ExitCode.INTERRUPTED)
        raise
    end_within(_SECONDS_TO_END, ExitCode.DONE)


def _require_names(checks: Checks, table: str | None) -> None:
    """Refuse names that are none: every page would, in words that do not say who gave them.

    Raises:
        InvalidInputError: With every problem found.
    """
    with checks:
        source_of(checks.settings, table)
    tables = checks.settings.tables
    checks.names(
        {
            f"tables.{role} of the settings": name
            for role, name in tables.model_dump(include={"gold", "labels", "training_set", "replies"}).items()
        }
    )
    checks.require_none()


def _require_ports(address: str, port: int, engine_port: int) -> None:
    require_port("--port", port, least=1)
    require_port("--engine-port", engine_port)
    if port == engine_port:
        raise InvalidInputError(f"--port and --engine-port are both {port}: app and engine each need one.")
    require_free("--port", address, port)


def _require_opening(settings: Settings, engine_port: int) -> None:
    """Open and close what the app is to open: once Streamlit runs, only a browser would tell what is wrong with it."""
    if settings.connection is not None:
        note(f"Opening the connection {settings.connection}, to see that it can be opened ...")
        connect(settings.connection).close()
        return
    note("Opening the embedded engine, to see that it can be opened ...")
    if engine_port:
        require_free("--engine-port", "127.0.0.1", engine_port)
    local.Engine(settings.path, port=engine_port, faults=local.Faults.from_environment()).close()


def _run(options: Sequence[str]) -> None:
    import click  # noqa: PLC0415  Streamlit's, which is not always Typer's
    from streamlit.web import cli as streamlit  # noqa: PLC0415  needs the extra

    script = Path(cortex_tickets.__file__).parent / "app" / "streamlit_app.py"
    try:
        with interruption_told(), output_dropped_when_closed():
            streamlit.main(args=["run", str(script), *options], standalone_mode=False)
    except click.exceptions.Abort:  # Ctrl-C before the server is up
        raise KeyboardInterrupt from None
    except SystemExit as left:
        if left.code:  # what Streamlit exits with would be read as one of our codes
            raise InvalidInputError("Streamlit cannot start the app; it says why above.") from None


def _places(settings: Settings, table: str | None) -> Mapping[str, str | None]:
    tables = settings.tables
    return {
        "CONNECTION": settings.connection,
        "PATH": None if settings.path is None else str(Path(settings.path).resolve()),
        "TICKETS": table or tables.tickets,
        "GOLD": tables.gold,
        "LEDGER": tables.labels,
        "TRAINING_SET": tables.training_set,
        "REPLIES": tables.replies,
        "COLUMNS": json.dumps(_columns(settings)),
    }


def _columns(settings: Settings) -> Mapping[str, str | None]:
    """Return the columns that the settings name: a table need not have the others."""
    return {role: name or None for role, name in settings.columns.model_dump(exclude_unset=True).items()}


def _choices(settings: Settings) -> Mapping[str, Any]:
    """Return what the settings say beside places and labels, by the names that the app has for it.

    What they leave out is left to the app.

    Raises:
        InvalidInputError: If there is no such playbook or model: here, and not on a page.
    """
    training, replies = settings.training, settings.replies
    chosen: dict[str, Any] = {
        "models": _cortex_models(settings.models),
        "prices": {name: price.model_dump() for name, price in settings.prices.items()},
        "ai_credits": settings.budget.ai_credits,
        "platform_credits": settings.budget.platform_credits,
        **training.model_dump(include={"base_model", "seed", "max_per_label", "max_epochs"}, exclude_unset=True),
        "platform_price": training.platform_credits_per_million_tokens,
        **replies.model_dump(include={"campaign", "guardrails"}, exclude_unset=True),
    }
    if "model" in replies.model_fields_set:
        model_names(replies.model)
        chosen["writing_model"] = replies.model
    if replies.playbook is not None:
        chosen["playbook"] = Playbook.from_toml(replies.playbook).model_dump(mode="json")
    return {name: value for name, value in chosen.items() if value is not None}


def _cortex_models(named: Mapping[str, str]) -> list[str]:
    """Return the Cortex models among the classifiers of the settings, the teacher first: they label on the pages.

    Raises:
        InvalidInputError: If the words of a classifier are none: here, and not on a page.
    """
    ordered = sorted(named, key=lambda name: name != "teacher")
    specs = (ModelSpec.of(name, named) for name in ordered)
    return [spec.text for spec in specs if spec.kind == "cortex"]
