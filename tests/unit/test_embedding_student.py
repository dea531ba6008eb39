"""A head on a fake session: what is sent, and what is refused where the server answers otherwise than it should."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from cortex_tickets import (
    Budget,
    EmbeddingHead,
    EmbeddingStudent,
    InvalidInputError,
    MissingExtraError,
    ModelPrice,
    ScoredStudent,
    Split,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    UnexpectedAnswerError,
)
from cortex_tickets._heads import training
from cortex_tickets._heads.storing import HeadRow, hash_of
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error
from cortex_tickets.training_set import LabelCounts, TrainingSetReport
from unit.statement_layout import laid_out, sent

MODEL = "snowflake-arctic-embed-l-v2.0"
LABELS = LabelSet.of(["It's lost", "Roaming"]).model_copy(update={"abstain": "Roaming"})
HASH = "f" * 64
HEAD = EmbeddingHead(
    table="DB.S.HEADS", version=3, head_hash=HASH, labels=LABELS, learned=LABELS.names, embedding_model=MODEL,
    dimension=4, text_rule="as it is", temperature=0.75, scale_bits=10, inverse_regularisation=10.0,
    training_set_id="0" * 64, training_table="DB.S.FT", n_training=8, n_validation=4, n_texts=12, input_tokens=100,
    validation_accuracy=0.75, validation_log_loss=0.5, extra={"recipe": 1},
)  # fmt: skip
NOT_THERE = snowflake_error("Object 'X' does not exist or not authorized.", 2003)
SCORE = {"PROBABILITY": 0.75, "RUNNER_UP": "Roaming", "RUNNER_UP_PROBABILITY": 0.25}
ROW = {
    "LABEL": "It's lost", "OUTCOME": "valid", "ANSWER": "It's lost", "ERROR": None, "REPAIR": None,
    "INPUT_TOKENS": 3, "OUTPUT_TOKENS": 0, **SCORE,
}  # fmt: skip
LedgerSession = Callable[..., FakeSession]


def student(session: FakeSession) -> EmbeddingStudent:
    session.answer("^SELECT SHA2", [{"FINGERPRINT": HASH}])
    return EmbeddingStudent(session, head=HEAD, clock=FakeClock())


def training_set(n_training: int = 8, n_validation: int = 4) -> TrainingSet:
    counts = tuple(LabelCounts(label=name, n_training=4, n_validation=2, n_test=1, n_groups=7) for name in LABELS.names)
    report = TrainingSetReport(
        n_tickets=14, n_texts=14, n_groups=14, largest_group=1, labels=counts, dropped={}, split_groups={},
        missing_labels=(), teacher_agreement=None, n_gold=0, notes=(),
    )  # fmt: skip
    return TrainingSet(
        id="0" * 64, table="DB.S.FT", prompt=ClassificationPrompt.short(LABELS), seed=0, teacher_hash=None,
        teacher_model=None, labels_table=None, gold_table=None, n_training=n_training, n_validation=n_validation,
        n_test=2, report=report, created_at=datetime(2026, 11, 25, tzinfo=UTC),
    )  # fmt: skip


ROWS = [
    {
        "TEXT_HASH": f"{place:064d}", "TICKET_ID": str(place), "COMPLETION": LABELS.names[place % 2],
        "GROUP_ID": None, "SPLIT": "training" if place < 8 else "validation", "IS_BLANK": False,
    }
    for place in range(12)
]  # fmt: skip


class Warehouse:
    """A fake session that answers all that a training sends, and keeps the head that is written."""

    def __init__(self, **changes: Any) -> None:
        self.session = FakeSession()
        self.fingerprint: str | None = None
        self.manifest: list[dict[str, Any]] = []
        self.dimension = changes.get("dimension", 1_024)
        answer = self.session.answer
        answer(r"^(CREATE|DELETE) ", [])
        answer("^DESCRIBE TABLE", NOT_THERE)
        answer("^SHOW CORTEX BASE MODELS", [{"name": name} for name in changes.get("models", ["llama3.1-8b"])])
        answer("^SELECT TEXT_HASH, TICKET_ID, COMPLETION", changes.get("rows", ROWS))
        answer(
            "AS N_COUNTED",
            [{"N_COUNTED": changes.get("counted", 12), "TOKENS": 120, "WRITTEN": 0, "WRITTEN_AT_MOST": 0}],
        )
        answer("AS EMBEDDING FROM", self._vectors)
        answer("^SELECT COUNT.* WHERE HEAD_HASH", [{"N": 0}])
        answer("^SELECT COALESCE.MAX.VERSION", *([{"N": number}] for number in (1, 2)))
        answer('^INSERT .*_HEADS"', self._rows)
        answer('^INSERT .*_HEADS_MANIFEST"', self._write)
        answer("^SELECT VERSION, MANIFEST", lambda _: self._read())
        answer("^SELECT SHA2", lambda _: [{"FINGERPRINT": self.fingerprint}])
        self.taken = changes.get("taken", 0)
        self.is_faithful = changes.get("is_faithful", True)

    def _vectors(self, statement: SentStatement) -> list[dict[str, Any]]:
        vectors = []
        for text_hash in json.loads(statement.values[0]):
            vector = [0.0] * self.dimension
            vector[int(text_hash) % 2], vector[2 + int(text_hash) // 2 % 2] = 0.8, 0.6
            vectors.append({"TEXT_HASH": text_hash, "EMBEDDING": json.dumps(vector)})
        return vectors

    def _rows(self, statement: SentStatement) -> list[dict[str, int]]:
        self.fingerprint = json.loads(statement.values[0])[0]["hash"] if self.is_faithful else "other"
        return [{"number of rows inserted": 2}]

    def _write(self, statement: SentStatement) -> list[dict[str, int]]:
        if self.taken:
            self.taken -= 1
            return [{"number of rows inserted": 0}]
        version, _, _, manifest, *_ = statement.values
        self.manifest.append(
            {"VERSION": version, "MANIFEST": manifest, "CREATED_AT": datetime(2026, 11, 25, tzinfo=UTC)}
        )
        return [{"number of rows inserted": 1}]

    def _read(self) -> list[dict[str, Any]]:
        return self.manifest


def test_training(snapshot: SnapshotAssertion) -> None:
    warehouse = Warehouse()
    made = EmbeddingStudent.train(warehouse.session, training_set(), clock=FakeClock())
    assert made.head.n_rows(Split.TRAINING) == 8
    assert made.head.n_rows(Split.TEST) == 0
    assert (made.head.version, made.head.validation_accuracy, made.head.input_tokens) == (1, 1.0, 120)
    assert repr(made) == "EmbeddingStudent(table='DB.S.FT_HEADS', version=1, labels=2)"
    assert sent(warehouse.session) == snapshot


def test_a_version_that_another_took_is_left_to_it() -> None:
    warehouse = Warehouse(taken=1)
    assert EmbeddingStudent.train(warehouse.session, training_set(), clock=FakeClock()).head.version == 2
    with pytest.raises(UnexpectedAnswerError, match="10 versions in a row were taken by others"):
        EmbeddingStudent.train(Warehouse(taken=99).session, training_set(), clock=FakeClock())


def test_rows_that_do_not_come_back_as_they_were_sent_are_deleted_and_have_no_manifest() -> None:
    warehouse = Warehouse(is_faithful=False)
    with pytest.raises(UnexpectedAnswerError, match="are not those that were sent, so they were deleted"):
        EmbeddingStudent.train(warehouse.session, training_set(), clock=FakeClock())
    assert not warehouse.manifest
    assert warehouse.session.sent[-1].text == 'DELETE FROM "DB"."S"."FT_HEADS" WHERE HEAD_HASH = ?'


def test_a_vector_of_another_length_ends_the_training() -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"gave a vector of 8 numbers .* and 1024 were expected"):
        EmbeddingStudent.train(Warehouse(dimension=8).session, training_set(), clock=FakeClock())


def test_a_model_that_is_not_among_the_listed_embedding_models_is_refused_before_anything_is_billed() -> None:
    session = Warehouse(models=["llama3.1-8b", "e5-base-v2"]).session
    with pytest.raises(InvalidInputError, match="It lists e5-base-v2: give one of these"):
        EmbeddingStudent.train(session, training_set(), clock=FakeClock())
    assert not any("AI_EMBED" in statement.text for statement in session.sent)


def test_all_that_is_wrong_is_told_at_once() -> None:
    session = Warehouse(rows=[row for row in ROWS if row["SPLIT"] == "training"], models=["e5-base-v2"]).session
    with pytest.raises(InvalidInputError) as raised:
        EmbeddingStudent.train(session, training_set(n_validation=0), into="A.B.C.D", clock=FakeClock())
    assert len(raised.value.problems) == 3


def test_rows_that_are_none_of_the_labels_or_of_one_label_only_are_refused() -> None:
    rows = [{**row, "COMPLETION": "Other"} for row in ROWS]
    with pytest.raises(InvalidInputError, match="rows of 'Other', which is none of its labels"):
        EmbeddingStudent.train(Warehouse(rows=rows).session, training_set(), clock=FakeClock())
    alone = [{**row, "COMPLETION": "Roaming"} for row in ROWS]
    with pytest.raises(InvalidInputError, match="rows of 1 labels, and a choice needs 2"):
        EmbeddingStudent.train(Warehouse(rows=alone).session, training_set(), clock=FakeClock())


def test_a_budget_needs_tokens_that_can_be_counted() -> None:
    session = Warehouse(counted=0).session
    with pytest.raises(InvalidInputError, match="tokens of 12 texts cannot be counted"):
        EmbeddingStudent.train(session, training_set(), budget=Budget(ai_credits=1), clock=FakeClock())
    assert EmbeddingStudent.train(session, training_set(), clock=FakeClock()).head.input_tokens is None


def test_what_a_training_would_cost_is_counted_and_nothing_is_embedded() -> None:
    warehouse = Warehouse()
    found = EmbeddingStudent.estimate_training(
        warehouse.session, training_set(), prices={MODEL: ModelPrice(input=1, output=0)}, clock=FakeClock()
    )
    assert (found.n_tickets, found.n_texts, found.input_tokens, found.ai_credits) == (12, 12, 120, 0.00012)
    assert not any("AI_EMBED(" in text or text.startswith("INSERT") for text in warehouse.session.texts())
    unknown = EmbeddingStudent.estimate_training(warehouse.session, training_set(), clock=FakeClock())
    assert (unknown.ai_credits, unknown.dollars) == (None, None)


def test_a_head_that_is_there_costs_nothing() -> None:
    warehouse = Warehouse()
    EmbeddingStudent.train(warehouse.session, training_set(), clock=FakeClock())
    found = EmbeddingStudent.estimate_training(warehouse.session, training_set(), clock=FakeClock())
    assert (found.n_texts, found.input_tokens) == (0, 0)


def test_tokens_that_cannot_be_counted_are_no_estimate() -> None:
    with pytest.raises(UnexpectedAnswerError, match="counted none of 12 texts"):
        EmbeddingStudent.estimate_training(Warehouse(counted=0).session, training_set(), clock=FakeClock())
    with pytest.raises(InvalidInputError, match="timeout=0"):
        EmbeddingStudent.estimate_training(FakeSession(), training_set(), timeout=0)


def test_training_needs_the_extra_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "find_spec", lambda _: None)
    session = FakeSession()
    with pytest.raises(MissingExtraError, match="'train'"):
        EmbeddingStudent.train(session, training_set(), clock=FakeClock())
    assert not session.sent


def test_a_version_that_stands_there_twice_is_not_loaded() -> None:
    session = FakeSession()
    row = {"VERSION": 3, "MANIFEST": HEAD.model_dump_json(), "CREATED_AT": None}
    session.answer("^SELECT VERSION", [row, row])
    with pytest.raises(InvalidInputError, match="holds version 3 twice"):
        EmbeddingStudent.load(session, "DB.S.HEADS")


def test_one_ticket_and_many(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    made = student(session)
    session.answer("AI_EMBED", [{"POSITION": 0, **ROW}])
    said = made.classify("I lost it.")
    assert (said.label, said.probability, said.runner_up, said.runner_up_probability) == (
        "It's lost", 0.75, "Roaming", 0.25,
    )  # fmt: skip
    assert made.classify(" ").outcome == "blank"
    assert sent(session) == snapshot


def test_a_table(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 3, "N_WAITING": 4, "N_TO_COPY": 1, "N_AGAIN": 2})
    student(session).classify_table("T", into="DB.S.L")
    assert sent(session) == snapshot


def test_a_select_for_a_task(snapshot: SnapshotAssertion) -> None:
    made = student(FakeSession())
    assert laid_out(made.to_sql(TicketSource(table="T", id='"Case No"', text="BODY"))) == snapshot


def test_a_select_with_another_models_labels(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    teacher = TicketClassifier(session, labels=LABELS, model=["claude-sonnet-4-6", "claude-opus-5"])
    made = ScoredStudent(teacher, student(session))
    assert laid_out(made.to_sql(TicketSource(table="T", id="ID", text="BODY"))) == snapshot


def test_a_score_asks_the_first_model_that_the_account_has(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    teacher = TicketClassifier(session, labels=LABELS, model=["claude-sonnet-5", "claude-opus-5"], clock=FakeClock())
    made = ScoredStudent(teacher, student(session), clock=FakeClock())
    made.classify_table("T", into="DB.S.L")
    (asked,) = [text for text in (statement.text for statement in session.sent) if "AI_EMBED" in text]
    assert "model => 'claude-opus-5'" in asked
    session.answer("^SELECT SHA2", [{"FINGERPRINT": None}])
    with pytest.raises(InvalidInputError, match="is missing, or was changed"):
        made.classify("I lost it.")


@pytest.mark.parametrize(
    "change",
    [
        {"head_hash": "e" * 64},
        {"temperature": 0.8},
        {"embedding_model": "e5-base-v2"},
        {"text_rule": "other"},
        {"learned": tuple(reversed(LABELS.names))},
        {"labels": LABELS.model_copy(update={"abstain": None})},
        {"dimension": 5},
    ],
)
def test_the_hash_covers_all_that_can_change_an_answer(change: dict[str, Any]) -> None:
    session = FakeSession()
    other = EmbeddingStudent(session, head=HEAD.model_copy(update=change))
    assert other.classifier_hash != EmbeddingStudent(session, head=HEAD).classifier_hash


def test_the_hash_is_blind_to_where_the_head_stands_and_how_well_it_did() -> None:
    session = FakeSession()
    moved = HEAD.model_copy(update={"table": "A.B.C", "version": 9, "validation_accuracy": 0.1})
    assert EmbeddingStudent(session, head=moved).classifier_hash == EmbeddingStudent(session, head=HEAD).classifier_hash


def test_a_head_is_of_one_model() -> None:
    operation = EmbeddingStudent(FakeSession(), head=HEAD).operation
    assert operation.asking(MODEL) is operation
    with pytest.raises(ValueError, match="was trained on"):
        operation.asking("e5-base-v2")


def test_a_heads_hash_covers_every_number_and_label() -> None:
    rows = [HeadRow(0, "A", 1, [1, 2]), HeadRow(1, "B", -1, [-1, -2])]
    changed = [
        [HeadRow(0, "A", 1, [1, 2]), HeadRow(1, "B", -1, [-1, -3])],
        [HeadRow(0, "A", 2, [1, 2]), rows[1]],
        [HeadRow(0, "C", 1, [1, 2]), rows[1]],
        rows[:1],
    ]
    assert len({hash_of(some) for some in [rows, *changed]}) == 5
