"""One prompt for training and serving: SQL renders what Python renders, byte for byte."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import Label, LabelSet

LABELS = LabelSet(labels=(Label(name="It's \\ $x ?", description="a\nb 'c' \\"), Label(name="{0} $$ --")))
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=20)


@given(TEXTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_renders_what_python_renders(session: Any, texts: list[str]) -> None:
    for prompt in (ClassificationPrompt.rich(LABELS), ClassificationPrompt.short(LABELS)):
        query = (
            f"SELECT {calls.rendered_prompt(prompt, 'F.VALUE::VARCHAR')} AS P "
            "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F ORDER BY F.INDEX"
        )
        rows = CortexClient(session).rows(Statement(query, (json.dumps(texts, ensure_ascii=False),)))
        assert [row["P"] for row in rows] == [prompt.render(text) for text in texts]
