"""What `cortex_tickets.toml` may say: every key, its type and what it is for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class TableSettings(_Section):
    """Where things are: names of one to three parts."""

    tickets: str = "SUPPORT_TICKETS"
    """The tickets."""
    gold: str | None = None
    """Labels that people gave; without it nothing is measured against gold."""
    labels: str = "TICKET_LABELS"
    """The ledger that `classify` writes and `train` and `reply` read."""
    training_set: str = "TICKETS_FT"
    """The training set that `train` writes and `evaluate` measures on."""
    heads: str | None = None
    """The table of heads of embedding students; without it the training set's name with `_HEADS` added."""
    certificates: str = "CASCADE_CERTIFICATES"
    """The certificates of cascades."""
    replies: str = "TICKET_REPLIES"
    """The ledger that `reply` writes."""


class ColumnSettings(_Section):
    """What the table of tickets calls its columns, where that is not as `load` names them.

    `id` and `text` have to be there. Of the others those that are not named here are used where the table has them;
    `""` says that there is none.
    """

    id: str = "TICKET_ID"
    """The ticket's number."""
    text: str = "REQUEST"
    """What the customer wrote."""
    customer_name: str = "CUSTOMER_NAME"
    """The customer's name."""
    customer_email: str = "CUSTOMER_EMAIL"
    """The customer's e-mail address."""
    service_type: str = "SERVICE_TYPE"
    """The product."""
    contact_preference: str = "CONTACT_PREFERENCE"
    """How the customer wants to be answered."""
    created_at: str = ""
    """When the ticket was opened; where it is given, the split is by time."""


class LabelSettings(_Section):
    """One label. Names alone may stand at the top: `labels = ["Roaming fees", "Lost phone"]`."""

    name: str
    """The label as it stands in answers and tables."""
    description: str | None = None
    """What it means, in a sentence."""
    examples: list[str] = Field(default_factory=list)
    """Texts that have it."""


class PriceSettings(_Section):
    """What a model costs per million tokens, in AI credits."""

    input: float = Field(ge=0)
    """For tokens read."""
    output: float = Field(ge=0)
    """For tokens written."""


class TrainingSettings(_Section):
    """How a student is made."""

    student: Literal["auto", "fine-tune", "embedding"] = "auto"
    """Which kind: `auto` takes a fine-tuned model where the account can have one, else an embedding student."""
    base_model: str = "llama3.1-8b"
    """The model to tune."""
    embedding_model: str = "snowflake-arctic-embed-l-v2.0"
    """The model of AI_EMBED for an embedding student."""
    seed: int = 0
    """Chooses the split into training, validation and test."""
    max_per_label: int | None = Field(default=None, ge=1)
    """Training rows for each label, at most."""
    max_epochs: int | None = Field(default=None, ge=1, le=10)
    """Passes over the training pairs, 1 to 10; without it Snowflake decides."""
    platform_credits_per_million_tokens: float | None = Field(default=None, ge=0)
    """The price of fine-tuning: no source that could be read states it."""


class ReplySettings(_Section):
    """How replies are written."""

    model: str = "claude-haiku-4-5"
    """The model that writes; several with commas between them, in the order in which they are to be tried."""
    playbook: str | None = None
    """A playbook's TOML file, relative to this file; without it the built-in one."""
    campaign: str | None = None
    """What the model is to promote where the playbook allows an offer."""
    guardrails: bool = False
    """Whether Cortex Guard looks at every answer."""


class BudgetSettings(_Section):
    """A hard stop for each command."""

    ai_credits: float | None = Field(default=None, gt=0)
    """AI credits, which pay for AI functions."""
    platform_credits: float | None = Field(default=None, gt=0)
    """Platform credits, which pay for fine-tuning."""


class GateSettings(_Section):
    """What `evaluate` requires."""

    require: list[str] = Field(default_factory=list)
    """As `--require`: `accuracy:student=0.90`."""
    no_worse_than: list[str] = Field(default_factory=list)
    """As `--no-worse-than`: `student:teacher=0.02`."""


class Settings(_Section):
    """All of it. Every key may be left out."""

    connection: str | None = None
    """A connection of Snowflake's own `connections.toml`; without it the embedded engine is used."""
    path: str | None = None
    """The embedded engine's folder, relative to this file, that keeps tables, jobs and models; without it nothing is
    kept. Not together with `connection`."""
    abstain: str | None = None
    """The label that means "none of these"."""
    labels: list[LabelSettings] = Field(default_factory=list)
    """The labels, in the order in which models see them."""
    models: dict[str, str] = Field(default_factory=dict)
    """Classifiers by name, such as `teacher` and `student`."""
    prices: dict[str, PriceSettings] = Field(default_factory=dict)
    """Prices that the packaged table lacks or has wrong, by model."""
    tables: TableSettings = TableSettings()
    """Where things are."""
    columns: ColumnSettings = ColumnSettings()
    """What the table of tickets calls its columns."""
    training: TrainingSettings = TrainingSettings()
    """How a student is made."""
    replies: ReplySettings = ReplySettings()
    """How replies are written."""
    budget: BudgetSettings = BudgetSettings()
    """A hard stop for each command."""
    gates: GateSettings = GateSettings()
    """What `evaluate` requires."""

    @field_validator("labels", mode="before")
    @classmethod
    def _names_alone(cls, given: Any) -> Any:
        if not isinstance(given, list):
            return given
        return [{"name": label} if isinstance(label, str) else label for label in given]
