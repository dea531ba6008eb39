"""The page of roles grants all that `preflight` looks for."""

import re
from pathlib import Path

import pytest

from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS_USER, BLANKET_PRIVILEGE, CORTEX_USER
from cortex_tickets._preflight.needed import NEEDED, NeededPrivilege

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "roles-and-privileges.md"
(SCRIPT,) = re.findall(r'^ROLES = """\n(.*?)^"""', PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
GRANTS = [line for line in SCRIPT.splitlines() if line.startswith("GRANT")]


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_the_script_grants_what_preflight_looks_for(needed: NeededPrivilege) -> None:
    assert any(needed.privilege in grant and f"ON {needed.on.value}" in grant for grant in GRANTS)


@pytest.mark.parametrize("name", [AI_FUNCTIONS_USER, CORTEX_USER, BLANKET_PRIVILEGE])
def test_the_script_grants_what_ai_functions_and_fine_tuning_need(name: str) -> None:
    assert any(name in grant for grant in GRANTS)


def test_the_script_grants_nobody_everything() -> None:
    assert [grant for grant in GRANTS if re.search(r"\bALL\b|OWNERSHIP|ACCOUNTADMIN|MANAGE GRANTS", grant)] == []
