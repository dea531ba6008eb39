"""What a pipeline is made of: where the tickets are, where the labels go, what the objects are called."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._pipeline.settings import PipelineSettings
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.schema import LEASES_SUFFIX, RUNS_SUFFIX
from cortex_tickets.ledger.views import classifier_view
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

_STREAM_SUFFIX = "_STREAM"
_TASK_SUFFIX = "_TASK"
_MAX_LENGTH = 255
_MARK_LENGTH = 8


@dataclass(frozen=True, slots=True)
class PipelineNames:
    """What stream and task are called."""

    stream: TableName
    task: TableName


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """What a pipeline is made of; every name has all three parts."""

    operation: Labelling
    source: TicketSource
    table: TableName
    """The tickets."""
    source_kind: str
    """What stands after ON in CREATE STREAM."""
    into: TableName
    """The ledger."""
    names: PipelineNames
    settings: PipelineSettings
    is_tuned: bool
    """Whether the model is a fine-tuned one, which its user has to be granted."""

    @property
    def stream(self) -> TableName:
        """The stream on the tickets."""
        return self.names.stream

    @property
    def task(self) -> TableName:
        """The task."""
        return self.names.task

    @property
    def tag(self) -> str:
        """The query tag of all that the task sends: JSON."""
        tag = {"app": "cortex_tickets", "operation": self.operation.name, "pipeline": str(self.task)}
        return json.dumps(tag, ensure_ascii=False)

    @property
    def runs(self) -> TableName:
        """The runs beside the ledger."""
        return self.into.sibling(RUNS_SUFFIX)

    @property
    def leases(self) -> TableName:
        """The leases beside the ledger."""
        return self.into.sibling(LEASES_SUFFIX)


def pipeline_names(name: str | None, table: TableName, into: TableName, classifier_hash: str) -> PipelineNames:
    """Return what stream and task are called, in the ledger's schema unless the name says another.

    Two pipelines must not share a stream: what one uses, the other never sees. So without a name of the caller's they
    carry a mark of what the pipeline labels, where and with what. The stream always has a mark of its table: one that
    is there stays as it is, and must not be another table's.

    Raises:
        InvalidInputError: If the name is none, or one of them is too long for what is added to it.
    """
    if name is None:
        named = into.sibling(f"_{_mark(f'{table} {into} {classifier_hash}')}")
        ending = _STREAM_SUFFIX
    else:
        named = TableName.parse(name, role="pipeline").within(*into.parts[:2])
        ending = f"_{_mark(str(table))}{_STREAM_SUFFIX}"
    _require_room(named, f"The pipeline's name {named.name!r}", ending, "name=")
    view = classifier_view(into, classifier_hash)
    _require_room(into, f"The ledger's name {into.name!r}", view.name.removeprefix(into.name), "into=")
    return PipelineNames(stream=named.sibling(ending), task=named.sibling(_TASK_SUFFIX))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_MARK_LENGTH].upper()


def _require_room(table: TableName, called: str, suffix: str, argument: str) -> None:
    if len(table.name) + len(suffix) > _MAX_LENGTH:
        raise InvalidInputError(
            f"{called} has {len(table.name)} letters, too many to add {suffix} to: a name has at most {_MAX_LENGTH}. "
            f"Give a shorter {argument}."
        )
