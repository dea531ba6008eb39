"""Gold whose labels are none of the app's: it is said, nothing is measured with it, and nothing is refused for it."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.conftest import Templates
from app.pages import finished, press, told
from cortex_tickets import LabelSet
from cortex_tickets.app import main
from cortex_tickets.app.asking import comparing, fine_tuning, gold, overview, triage
from cortex_tickets.app.background import WorkState
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.settings import Settings

OpenPage = Callable[..., AppTest]
LABELLER = "claude-sonnet-4-6"
OWN = ("Fees abroad", "Slow data", "Lost phone", "Another line", "Closing account")
SAID = "TICKET_GOLD measures nothing here: it has labels that are none of the app's"


def ignore(_progress: object) -> None:
    """Hear how far something is, and do nothing."""


@pytest.fixture
def own(desk: Desk, templates: Templates, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The samples, with their gold, under labels of one's own; all labelled."""
    made = Desk(
        desk.session, Settings(labels=LabelSet.of(list(OWN))), is_engine=True, opener=desk.own_session, where="x"
    )
    monkeypatch.setattr(main, "open_desk", lambda _settings: made)
    main.the_desk.clear()
    templates.copy_labels(made.settings)
    return made


def test_the_pages_say_so_with_the_remedy_and_leave_the_marks_out(opened_page: OpenPage, own: Desk) -> None:
    for title in ("Overview", "Fine-tune"):
        (said,) = [text for text in told(opened_page(title)) if text.startswith(SAID)]
        assert "(Add new line, Roaming fees, Slow data speed)" in said
        assert "Start the app with its labels, or name another table under [tables], gold" in said
    assert overview.by_gold(own) == []
    assert not any("Pink marks" in str(line.value) for line in opened_page("Overview").caption)


def test_the_training_set_is_built_and_models_are_compared_without_it(
    opened_page: OpenPage, own: Desk, second: Any
) -> None:
    page = opened_page("Fine-tune")
    press(page, "build")
    work = finished(page, "training_set")
    assert work.state is WorkState.DONE, work.said
    assert ("Equal to gold", "no gold") in [(metric.label, metric.value) for metric in page.metric]
    assert second.sql("SELECT COUNT(GOLD_LABEL) AS N FROM TICKETS_FT").collect()[0]["N"] == 0
    made = fine_tuning.training_set(own)
    assert made is not None
    comparing.evaluation_task(own, made, None, base_model="llama3.1-8b", tuned=None)(ignore)
    compared = opened_page("Compare")
    assert not compared.error
    assert any("no accuracy can be stated" in str(line.value).replace("\\", "") for line in compared.markdown)
    assert "Accuracy" not in [heading.value for heading in compared.subheader]


def test_corrections_of_the_apps_labels_are_trained_on_all_the_same(own: Desk) -> None:
    (ticket,) = triage.find(own, own.classifier(LABELLER).classifier_hash, search="TR0098").tickets
    triage.correct(own, ticket, label="Lost phone", annotator="Ann")
    said = fine_tuning.build_task(own, LABELLER)(ignore)
    assert "to train on" in said
    made = fine_tuning.training_set(own)
    assert made is not None
    assert made.report.n_gold == 0
    assert own.rows("SELECT TICKET_ID, GOLD_LABEL, GOLD_SOURCE FROM TICKETS_FT WHERE GOLD_LABEL IS NOT NULL") == [
        {"TICKET_ID": "TR0098", "GOLD_LABEL": "Lost phone", "GOLD_SOURCE": "correction"}
    ]


def test_gold_of_the_apps_labels_is_used_as_it_is(labelled: Desk) -> None:
    assert gold.foreign_labels(labelled) == ()
    assert gold.usable_gold(labelled) == "TICKET_GOLD"
    labelled.rows("INSERT INTO TICKET_GOLD SELECT * REPLACE ('Old label' AS LABEL) FROM TICKET_GOLD LIMIT 1")
    assert gold.foreign_labels(labelled) == ("Old label",)
