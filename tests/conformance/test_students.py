"""A student that was really trained on the engine, asked with the prompt that it was trained on."""

from typing import Any

import pytest

from cortex_tickets import (
    FineTunedModel,
    FineTuneJob,
    PromptMismatchError,
    TicketClassifier,
    TrainingSetBuilder,
    load_tickets,
    samples,
)
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


def values(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query).collect()]


def test_a_student_labels_a_table_with_its_own_prompt_and_stands_beside_its_teacher(session: Any) -> None:
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    run = teacher.classify_table("SUPPORT_TICKETS", into="L")
    training_set = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="FT", labels=run)
    name = "STUDENT"
    model = FineTuneJob.start(session, name=name, base_model="llama3.1-8b", training_set=training_set).wait(timeout=60)

    student = TicketClassifier.from_model(session, model)
    assert student.prompt == training_set.prompt
    asked = student.classify_table("SUPPORT_TICKETS", into="L")
    assert (asked.is_complete, asked.n_texts_asked, asked.model) == (True, 130, model.name)
    assert asked.ai_credits is None
    assert student.estimate("SUPPORT_TICKETS", into="L").n_texts == 0
    agreeing = values(
        session,
        "SELECT COUNT(*) FROM L A JOIN L B ON A.TICKET_ID = B.TICKET_ID AND A.TEXT_HASH = B.TEXT_HASH "
        f"AND A.LABEL = B.LABEL WHERE A.CLASSIFIER_HASH = '{run.classifier_hash}' "
        f"AND B.CLASSIFIER_HASH = '{asked.classifier_hash}'",
    )
    assert agreeing[0][0] > 120

    # What it was trained on is what it is asked, to the byte.
    (pair,) = values(session, f"SELECT PROMPT, COMPLETION FROM ({training_set.training_query}) ORDER BY 1 LIMIT 1")
    text = values(session, "SELECT TEXT FROM FT WHERE PROMPT = ? LIMIT 1".replace("?", quoted(pair[0])))[0][0]
    assert student.prompt.render(text) == pair[0]
    assert student.classify(text).label == pair[1]

    found = FineTunedModel.load(session, model.name)
    assert TicketClassifier.from_model(session, found).classifier_hash == student.classifier_hash
    with pytest.raises(PromptMismatchError):
        TicketClassifier.from_model(session, model, prompt=ClassificationPrompt.rich(LABELS))


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
