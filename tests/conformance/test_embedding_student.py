"""A student without fine-tuning: trained on the engine, kept in a table, asked in one statement beside the others."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import pytest

from cortex_tickets import (
    Budget,
    EmbeddingStudent,
    FineTuneJob,
    InvalidInputError,
    InvalidTrainingSetError,
    ModelPrice,
    Outcome,
    ScoredStudent,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
    evaluate,
    load_gold,
    load_tickets,
    local,
    samples,
    train_student,
)
from cortex_tickets.local import Fault, Faults
from cortex_tickets.table_run import TableRun

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
MODEL = "snowflake-arctic-embed-l-v2.0"
PRICES = {MODEL: ModelPrice(input=0.1, output=0)}
LOST = "My bill has $90 of roaming for three days in Japan."


def values(session: Any, query: str, *params: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query, params=list(params) or None).collect()]


def n_embedded(session: Any) -> int:
    return int(values(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE \"FUNCTION\" = 'AI_EMBED'")[0][0])


@dataclass(frozen=True)
class World:
    session: Any
    schema: str
    run: TableRun
    training_set: TrainingSet
    student: EmbeddingStudent

    def table(self, name: str) -> str:
        return f"{self.schema}.{name}"


@pytest.fixture(scope="module")
def world(shared_session: Any) -> World:
    session, schema = shared_session, f"S_{uuid4().hex[:12].upper()}"
    session.sql(f"CREATE SCHEMA {schema}").collect()
    session.use_schema(schema)
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    load_gold(session, samples.gold_labels(), table="GOLD")
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    run = teacher.classify_table("SUPPORT_TICKETS", into="L")
    training_set = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="FT", labels=run, gold="GOLD")
    return World(session, schema, run, training_set, EmbeddingStudent.train(session, training_set, prices=PRICES))


def test_a_text_a_list_a_table_and_a_dataframe_say_the_same(world: World) -> None:
    session, student = world.session, world.student
    tickets = world.table("SUPPORT_TICKETS")
    run = student.classify_table(tickets, into=world.table("SAME"))
    assert (run.is_complete, run.n_texts_asked, run.n_by_outcome) == (True, 130, {"valid": 151})
    stored = {row["TEXT_HASH"]: row for row in (row.as_dict() for row in student.to_dataframe(tickets).collect())}
    rows = values(
        session,
        "SELECT T.REQUEST, L.TEXT_HASH, L.LABEL, L.PROBABILITY, L.RUNNER_UP, L.RUNNER_UP_PROBABILITY "
        f"FROM {world.table('SAME')} L JOIN {tickets} T ON T.TICKET_ID = L.TICKET_ID "
        "AND SHA2(T.REQUEST, 256) = L.TEXT_HASH ORDER BY L.TICKET_ID, L.TEXT_HASH LIMIT 12",
    )
    predictions = student.classify_many([row[0] for row in rows])
    for (text, text_hash, label, *score), said in zip(rows, predictions, strict=True):
        assert (said.label, said.outcome, said.runner_up) == (label, Outcome.VALID, score[1])
        assert [said.probability, said.runner_up_probability] == pytest.approx([score[0], score[2]])
        assert stored[text_hash]["LABEL"] == label
        assert stored[text_hash]["PROBABILITY"] == pytest.approx(score[0])
        assert student.classify(text).probability == pytest.approx(score[0])


def test_probabilities_are_the_softmax_of_the_heads_rows_over_its_temperature(world: World) -> None:
    session, head = world.session, world.student.head
    query = (
        f"SELECT LABEL, VECTOR_INNER_PRODUCT(AI_EMBED('{MODEL}', ?), WEIGHTS) + BIAS FROM {head.table} "
        "WHERE HEAD_HASH = ? ORDER BY POSITION"
    )
    logits = dict(values(session, query, LOST, head.head_hash))
    assert tuple(logits) == head.learned
    shares = {label: math.exp(logit / head.temperature) for label, logit in logits.items()}
    first, second = sorted(shares, key=lambda label: -shares[label])[:2]
    said = world.student.classify(LOST)
    assert (said.label, said.runner_up) == (first, second)
    assert said.probability == pytest.approx(shares[first] / sum(shares.values()), rel=1e-4)
    assert said.runner_up_probability == pytest.approx(shares[second] / sum(shares.values()), rel=1e-4)


def test_a_dataframe_is_one_statement_that_embeds_each_row_once_and_leaves_blank_texts_alone(world: World) -> None:
    session = world.session
    source = TicketSource(
        query="SELECT column1 AS ID, column2 AS TEXT FROM VALUES ('1', 'one roaming bill'), ('1', 'one roaming bill'), "
        "('2', ' '), ('3', NULL), ('4', 'close it')",
        id="ID",
        text="TEXT",
    )
    before = n_embedded(session)
    rows = world.student.to_dataframe(source).collect()
    assert n_embedded(session) - before == 3
    assert sorted((row["TICKET_ID"], row["OUTCOME"]) for row in rows) == [
        ("1", "valid"), ("1", "valid"), ("2", "blank"), ("3", "blank"), ("4", "valid"),
    ]  # fmt: skip
    assert all(row["INPUT_TOKENS"] is None for row in rows if row["OUTCOME"] == "blank")


@pytest.mark.parametrize("text", ["<b>roaming</b> & 'fees'", 'a\\b "roaming" {0} $plan', "Ärger über Roaming 💸"])
def test_what_is_served_is_embedded_as_it_was_trained_to_the_byte(world: World, text: str) -> None:
    world.student.classify(text)
    world.student.classify_many([text, "another"])
    asked = values(
        world.session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE \"FUNCTION\" = 'AI_EMBED' AND TEXT = ?", text
    )
    assert asked[0][0] >= 2


def test_a_second_run_asks_nothing_and_equal_texts_have_equal_probabilities(world: World) -> None:
    into = world.table("AGAIN")
    world.student.classify_table(world.table("SUPPORT_TICKETS"), into=into)
    before = n_embedded(world.session)
    again = world.student.classify_table(world.table("SUPPORT_TICKETS"), into=into)
    assert (again.n_texts_asked, n_embedded(world.session) - before) == (0, 0)
    many = values(
        world.session,
        f"SELECT COUNT(DISTINCT PROBABILITY), COUNT(INPUT_TOKENS), COUNT(*) FROM {into} GROUP BY TEXT_HASH "
        "HAVING COUNT(*) > 1",
    )
    assert many
    assert all((n_probabilities, n_tokens) == (1, 1) for n_probabilities, n_tokens, _ in many)


def test_the_same_training_is_not_paid_for_twice_and_no_version_is_overwritten(world: World) -> None:
    session, first = world.session, world.student.head
    before = n_embedded(session)
    assert EmbeddingStudent.train(session, world.training_set).head == first
    assert n_embedded(session) == before
    other = TrainingSetBuilder(session, seed=8).build(
        world.table("SUPPORT_TICKETS"), into=world.table("FT"), labels=world.run
    )
    second = EmbeddingStudent.train(session, other).head
    assert (first.version, second.version) == (1, 2)
    assert second.training_set_id == other.id
    assert EmbeddingStudent.load(session, first.table).head == second
    loaded = EmbeddingStudent.load(session, first.table, 1, training_set=world.training_set)
    assert loaded.head == first
    assert loaded.classifier_hash == world.student.classifier_hash
    with pytest.raises(InvalidInputError, match="was trained on the training set"):
        EmbeddingStudent.load(session, first.table, 2, training_set=world.training_set)
    with pytest.raises(InvalidInputError, match="no head of version 9"):
        EmbeddingStudent.load(session, first.table, 9)


def test_the_manifest_tells_what_the_head_is_of(world: World) -> None:
    head = world.student.head
    assert (head.embedding_model, head.dimension, head.text_rule) == (MODEL, 1024, "as it is")
    assert (head.n_training, head.n_validation) == (world.training_set.n_training, world.training_set.n_validation)
    assert head.learned == tuple(label for label in LABELS if label != "Lost phone")  # which no ticket of the file has
    assert head.labels == world.training_set.prompt.labels
    assert head.validation_accuracy > 0.9
    assert 0 < head.validation_log_loss < 0.5
    assert head.created_at is not None
    assert head.input_tokens is not None
    assert values(world.session, f"SELECT COUNT(*) FROM {head.table} WHERE HEAD_HASH = '{head.head_hash}'") == [(4,)]


CHANGES = {
    "a weight": "UPDATE {heads} SET WEIGHTS = (SELECT WEIGHTS FROM {heads} WHERE POSITION = 1) WHERE POSITION = 0",
    "a bias": "UPDATE {heads} SET BIAS = BIAS + 0.0001 WHERE POSITION = 2",
    "a label": "UPDATE {heads} SET LABEL = 'Lost phone' WHERE POSITION = 0",
    "an order": "UPDATE {heads} SET POSITION = 1 - POSITION WHERE POSITION < 2",
    "a row less": "DELETE FROM {heads} WHERE POSITION = 3",
    "no rows": "DELETE FROM {heads}",
    "no table": "DROP TABLE {heads}",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_head_that_is_missing_or_was_changed_labels_nothing(world: World, change: str) -> None:
    session = world.session
    heads = world.table(f"H_{uuid4().hex[:8].upper()}")
    student = EmbeddingStudent.train(session, world.training_set, into=heads)
    session.sql(CHANGES[change].format(heads=heads)).collect()
    before = n_embedded(session)
    into = world.table("NEVER")
    calls: list[Callable[[], object]] = [
        lambda: student.classify(LOST),
        lambda: student.classify_many([LOST]),
        lambda: student.classify_table(world.table("SUPPORT_TICKETS"), into=into),
        lambda: student.estimate(world.table("SUPPORT_TICKETS")),
        lambda: EmbeddingStudent.load(session, heads),
    ]
    for call in calls:
        with pytest.raises(InvalidInputError, match="is missing, or was changed after it was trained") as raised:
            call()
        assert len(raised.value.problems) == 1
    assert n_embedded(session) == before
    if change != "no table":
        rows = student.to_dataframe(world.table("SUPPORT_TICKETS")).collect()
        assert {(row["LABEL"], row["OUTCOME"]) for row in rows} == {(None, "error")}
        assert all("was changed after it was trained" in row["ERROR"] for row in rows)


@pytest.mark.parametrize("changed", ['"temperature":', '"embedding_model":"'])
def test_a_manifest_that_was_changed_labels_nothing(world: World, changed: str) -> None:
    session = world.session
    heads = world.table(f"H_{uuid4().hex[:8].upper()}")
    student = EmbeddingStudent.train(session, world.training_set, into=heads)
    edited = changed + ("9" if changed.endswith(":") else "another-")
    session.sql(f"UPDATE {heads}_MANIFEST SET MANIFEST = REPLACE(MANIFEST, '{changed}', '{edited}')").collect()
    with pytest.raises(
        InvalidInputError, match=r"The manifest of version 1 of .* was changed after training"
    ) as raised:
        EmbeddingStudent.load(session, heads)
    assert len(raised.value.problems) == 1
    given = EmbeddingStudent(session, head=student.head.model_copy(update={"temperature": 0.05}))
    with pytest.raises(InvalidInputError, match="was changed after training"):
        given.classify(LOST)
    # Trained again it is a version of its own; the one that was changed is not taken for it.
    assert EmbeddingStudent.train(session, world.training_set, into=heads).head.version == 2


def test_it_stands_beside_the_teacher_in_an_evaluation_and_in_the_same_ledger(world: World) -> None:
    teacher = TicketClassifier(world.session, labels=LABELS, model="claude-sonnet-4-6")
    report = evaluate({"teacher": teacher, "student": world.student}, on=world.training_set, baseline=False)
    scores = {score.name: score for score in report.scores}
    assert scores["student"].role == "student"
    assert scores["student"].model == MODEL
    assert "student" in str(report)
    by_classifier = values(
        world.session,
        f"SELECT CLASSIFIER_HASH, COUNT(PROBABILITY), COUNT(*) FROM {world.run.into} GROUP BY 1 HAVING COUNT(*) < 100",
    )
    (n_test,) = {(hash_, scored, n) for hash_, scored, n in by_classifier if hash_ == world.student.classifier_hash}
    assert n_test[1] == n_test[2] == world.training_set.n_test


def test_a_budget_stops_it_and_needs_a_price(world: World) -> None:
    tickets = world.table("SUPPORT_TICKETS")
    bare = EmbeddingStudent.load(world.session, world.student.head.table, 1)
    with pytest.raises(InvalidInputError, match=f"The price of {MODEL} is unknown"):
        bare.classify_table(tickets, into=world.table("B"), budget=Budget(ai_credits=1))
    estimate = world.student.estimate(tickets)
    assert (estimate.n_texts, estimate.output_tokens) == (130, 0)
    assert estimate.ai_credits == pytest.approx(estimate.input_tokens * 0.1 / 1_000_000)
    limit = estimate.input_tokens * 0.1 / 1_000_000 / 2
    half = Budget(ai_credits=limit)
    run = world.student.classify_table(tickets, into=world.table("B"), budget=half, chunk_rows=13)
    assert not run.is_complete
    assert run.ai_credits is not None
    assert 0 < run.ai_credits <= limit
    rest = world.student.classify_table(tickets, into=world.table("B"))
    assert (rest.is_complete, rest.n_texts_asked + run.n_texts_asked) == (True, 130)
    assert (run.input_tokens or 0) + (rest.input_tokens or 0) == estimate.input_tokens


def test_a_text_that_cannot_be_embedded_is_found_and_the_others_are_labelled() -> None:
    with local.connect(faults=Faults(failing_rows=Fault(1.0, matching="poisoned"))) as session:
        load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
        teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        training_set = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="FT", teacher=teacher)
        student = EmbeddingStudent.train(session, training_set)
        session.sql("CREATE TABLE MORE AS SELECT TICKET_ID, REQUEST FROM SUPPORT_TICKETS LIMIT 20").collect()
        session.sql("INSERT INTO MORE VALUES ('X', 'a poisoned roaming ticket')").collect()
        run = student.classify_table("MORE", into="L")
        assert run.is_complete
        assert (run.n_by_outcome["error"], run.n_by_outcome["valid"]) == (1, 20)
        ((ticket, error, label, probability),) = values(
            session, "SELECT TICKET_ID, ERROR, LABEL, PROBABILITY FROM L WHERE OUTCOME = 'error'"
        )
        assert (ticket, label, probability) == ("X", None, None)
        assert "poisoned" not in error


def test_a_text_that_cannot_be_embedded_is_left_out_of_training(world: World) -> None:
    with local.connect(faults=Faults(failing_rows=Fault(1.0, matching="poisoned"))) as session:
        load_tickets(session, samples.support_tickets(), table="T")
        teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        run = teacher.classify_table("T", into="L")
        assert run.is_complete
        training_set = TrainingSetBuilder(session, seed=7).build("T", into="FT", labels=run)
        rows = f"UPDATE FT SET TEXT = 'poisoned' WHERE TRAINING_SET_ID = '{training_set.id}' AND TEXT_HASH = "
        session.sql(f"{rows}(SELECT MIN(TEXT_HASH) FROM FT WHERE SPLIT = 'training' AND DROPPED IS NULL)").collect()
        head = EmbeddingStudent.train(session, training_set).head
        assert head.n_training == training_set.n_training - 1
    assert world.student.head.n_training == world.training_set.n_training


def test_a_fine_tuned_model_gets_its_probability_from_the_head(world: World) -> None:
    session = world.session
    session.use_schema(world.schema)
    job = FineTuneJob.start(session, name="TUNED", base_model="llama3.1-8b", training_set=world.training_set)
    tuned = TicketClassifier.from_model(session, job.wait(timeout=60))
    assert tuned.classify(LOST).probability is None
    scored = ScoredStudent(tuned, world.student)
    assert (scored.is_tuned, scored.model, scored.labels) == (True, tuned.model, tuned.labels)
    assert scored.classifier_hash not in (tuned.classifier_hash, world.student.classifier_hash)
    run = scored.classify_table(world.table("SUPPORT_TICKETS"), into=world.table("SCORED"))
    assert run.n_by_outcome == {"valid": 151}
    world.student.classify_table(world.table("SUPPORT_TICKETS"), into=world.table("SCORED"))
    pairs = values(
        session,
        "SELECT A.LABEL, A.PROBABILITY, A.RUNNER_UP, B.LABEL, B.PROBABILITY, B.RUNNER_UP "
        f"FROM {world.table('SCORED')} A JOIN {world.table('SCORED')} B ON A.TICKET_ID = B.TICKET_ID "
        f"AND A.TEXT_HASH = B.TEXT_HASH WHERE A.CLASSIFIER_HASH = '{scored.classifier_hash}' "
        f"AND B.CLASSIFIER_HASH = '{world.student.classifier_hash}'",
    )
    assert len(pairs) == 151
    for label, probability, runner_up, likeliest, most, second in pairs:
        if label == likeliest:
            assert (probability, runner_up) == (pytest.approx(most), second)
        else:
            assert probability <= most
            assert runner_up == likeliest
    assert any(label != likeliest for label, _, _, likeliest, _, _ in pairs)


def test_a_label_that_the_head_never_learnt_has_no_probability(world: World) -> None:
    teacher = TicketClassifier(world.session, labels=LABELS, model="claude-sonnet-4-6")
    said = ScoredStudent(teacher, world.student).classify("I lost my phone.")
    assert (said.label, said.outcome, said.probability, said.runner_up) == ("Lost phone", Outcome.VALID, None, None)


def test_a_score_is_refused_where_the_labels_differ_or_the_parts_are_others(world: World) -> None:
    other = TicketClassifier(world.session, labels=["A", "B"], model="claude-sonnet-4-6")
    with pytest.raises(InvalidInputError, match="different labels: only one of them has A, Add new line, B"):
        ScoredStudent(other, world.student)
    anything: Any = "TUNED"
    with pytest.raises(InvalidInputError, match="2 problems"):
        ScoredStudent(anything, anything)


def test_the_best_student_is_a_fine_tuned_model_where_the_account_can_have_one(world: World) -> None:
    trained = train_student(world.session, world.training_set, name="BEST", timeout=60)
    assert isinstance(trained.student, TicketClassifier)
    assert trained.student.is_tuned
    assert trained.reason.startswith("Fine-tuned llama3.1-8b. ")


@pytest.mark.parametrize(
    ("status", "words"),
    [("EOL", "llama3.1-8b cannot be fine-tuned here (base model"), ("LEGACY", "fine-tuning llama3.1-8b was refused (")],
)
def test_the_best_student_is_a_head_where_fine_tuning_is_refused(status: Literal["EOL", "LEGACY"], words: str) -> None:
    faults = Faults(retired=local.RetiredModel("llama3.1-8b", from_statement=1, status=status))
    with local.connect(faults=faults) as session:
        load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
        teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        training_set = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="FT", teacher=teacher)
        trained = train_student(session, training_set)
        assert isinstance(trained.student, EmbeddingStudent)
        assert trained.reason.startswith("Embeddings and a linear head, since ")
        assert words in trained.reason
        assert str(trained).startswith(f"EmbeddingStudent ({MODEL}). ")


def test_the_best_student_is_a_head_where_the_model_cannot_be_tuned_today(world: World) -> None:
    trained = train_student(world.session, world.training_set, base_model="mistral-7b")
    assert isinstance(trained.student, EmbeddingStudent)
    assert "mistral-7b cannot be fine-tuned here (it is no model that can be tuned today)" in trained.reason
    anything: Any = "FT"
    with pytest.raises(InvalidInputError, match="2 problems"):
        train_student(world.session, anything, timeout=0)


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "unknown model": ({"embedding_model": "arctic-embed-xl"}, "is none of the text models that are documented"),
    "a model the account lacks": (
        {"embedding_model": "new-embed", "dimension": 8, "into": "H0"},
        "does not have the embedding model 'new-embed'",
    ),
    "no name": ({"embedding_model": " "}, "must be a name such as"),
    "wrong dimension": ({"dimension": 768}, "dimension=768 is wrong for"),
    "no dimension": ({"dimension": 0}, "dimension=0 must be at least 1"),
    "heads of another dimension": ({"embedding_model": "e5-base-v2"}, "holds heads over vectors of 1024 numbers"),
    "another table": ({"into": "L"}, "is a table of another form"),
    "no limit": ({"budget": Budget(platform_credits=1), "into": "H0"}, "the budget limits none"),
    "no price": ({"budget": Budget(ai_credits=1), "into": "H0"}, f"The price of {MODEL} is unknown"),
    "too dear": ({"budget": Budget(ai_credits=1e-9), "prices": PRICES, "into": "H0"}, "more than the budget"),
    "no time": ({"timeout": -1}, "timeout=-1 must be more than 0"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_a_training_that_cannot_be_is_refused_before_anything_is_billed_or_written(world: World, case: str) -> None:
    options, words = BAD_INPUT[case]
    session = world.session
    session.use_schema(world.schema)
    before = n_embedded(session)
    heads = values(session, f"SELECT COUNT(*) FROM {world.student.head.table}")
    with pytest.raises(InvalidInputError, match=words) as raised:
        EmbeddingStudent.train(session, world.training_set, **options)
    assert len(raised.value.problems) == 1
    assert n_embedded(session) == before
    assert values(session, f"SELECT COUNT(*) FROM {world.student.head.table}") == heads
    assert values(session, "SHOW TABLES LIKE 'H0'") == []


def changed_set(world: World, change: str) -> TrainingSet:
    """Return a copy of the training set whose rows and counts were changed."""
    table = world.table(f"C_{uuid4().hex[:8].upper()}")
    world.session.sql(f"CREATE TABLE {table} AS SELECT * FROM {world.training_set.table}").collect()
    if change:
        world.session.sql(change.replace("{table}", table)).collect()
    own = f"FROM {table} WHERE TRAINING_SET_ID = '{world.training_set.id}' AND DROPPED IS NULL AND SPLIT ="
    counts = {
        f"n_{split}": values(world.session, f"SELECT COUNT(*) {own} '{split}'")[0][0]
        for split in ("training", "validation")
    }
    return world.training_set.model_copy(update={"table": f"CORTEX_TICKETS.{table}", **counts})


def test_a_training_set_without_validation_rows_is_refused(world: World) -> None:
    training_set = changed_set(world, "UPDATE {table} SET SPLIT = 'training' WHERE SPLIT = 'validation'")
    before = n_embedded(world.session)
    with pytest.raises(InvalidTrainingSetError, match="no rows in its validation split") as raised:
        EmbeddingStudent.train(world.session, training_set)
    assert len(raised.value.problems) == 1
    assert n_embedded(world.session) == before


def test_a_label_with_one_example_is_refused_by_name(world: World) -> None:
    training_set = changed_set(
        world,
        "DELETE FROM {table} WHERE SPLIT = 'training' AND COMPLETION = 'Slow data speed' AND TEXT_HASH <> "
        "(SELECT MIN(TEXT_HASH) FROM {table} WHERE SPLIT = 'training' AND COMPLETION = 'Slow data speed' "
        f"AND DROPPED IS NULL AND TRAINING_SET_ID = '{world.training_set.id}')",
    )
    with pytest.raises(InvalidTrainingSetError, match="'Slow data speed' has 1 rows in the training split") as raised:
        EmbeddingStudent.train(world.session, training_set)
    assert len(raised.value.problems) == 1


def test_a_training_set_that_lost_rows_or_its_table_is_refused(world: World) -> None:
    whole = changed_set(world, "")
    world.session.sql(
        f"DELETE FROM {whole.table} WHERE TICKET_ID = (SELECT MIN(TICKET_ID) FROM {whole.table} "
        "WHERE SPLIT = 'training' AND DROPPED IS NULL)"
    ).collect()
    with pytest.raises(InvalidInputError, match=r"is incomplete: .* rows of the training split, and its manifest"):
        EmbeddingStudent.train(world.session, whole)
    world.session.sql(f"DROP TABLE {whole.table}").collect()
    with pytest.raises(InvalidInputError, match="is gone, or this role may not see it"):
        EmbeddingStudent.train(world.session, whole)
    anything: Any = "FT"
    with pytest.raises(InvalidInputError, match="must be a TrainingSet, not a str"):
        EmbeddingStudent.train(world.session, anything)


def test_a_head_of_other_labels_is_refused_by_load_and_by_an_evaluation(world: World) -> None:
    other = [label if label != "Lost phone" else "Stolen phone" for label in LABELS]
    prompt = world.training_set.prompt.model_copy(
        update={"labels": TicketClassifier(world.session, labels=other, model="m").labels}
    )
    training_set = world.training_set.model_copy(update={"prompt": prompt})
    with pytest.raises(InvalidInputError, match="other labels than the training set's: it lacks Stolen phone"):
        EmbeddingStudent.load(world.session, world.student.head.table, 1, training_set=training_set)
    with pytest.raises(InvalidInputError, match="has other labels than the training set"):
        evaluate({"student": world.student}, on=training_set, baseline=False)


def test_loading_says_what_is_wrong(world: World) -> None:
    version: Any = 0
    with pytest.raises(InvalidInputError, match="version=0 must be at least 1"):
        EmbeddingStudent.load(world.session, "X", version)
    with pytest.raises(InvalidInputError, match="has no manifest"):
        EmbeddingStudent.load(world.session, world.table("NO_HEADS"))
