"""Settings: options before the environment before the file, and every mistake told at once with its place."""

from pathlib import Path

import pytest

from cortex_tickets import InvalidInputError, LabelSet, TicketSource
from cortex_tickets.cli.label_choice import chosen_labels
from cortex_tickets.cli.opening import budget_of, prices_of, settled, source_of
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.settings_file import read_settings, settable_keys, variable_name


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for keys, _ in settable_keys():
        monkeypatch.delenv(variable_name(keys), raising=False)


def write(text: str, name: str = "cortex_tickets.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(text: str, environment: dict[str, str] | None = None) -> list[str]:
    write(text)
    with pytest.raises(InvalidInputError) as raised:
        read_settings(None, environment or {})
    return list(raised.value.problems)


def test_without_a_file_everything_has_a_value() -> None:
    assert read_settings(None, {}) == Settings()


def test_the_file_of_the_working_directory_is_read() -> None:
    write('[tables]\ntickets = "CASES"\n')
    assert read_settings(None, {}).tables.tickets == "CASES"


def test_a_file_that_is_named_is_read_instead_and_has_to_be_there() -> None:
    write('[tables]\ntickets = "CASES"\n')
    other = write('[tables]\ntickets = "OTHER"\n', "other/settings.toml")
    assert read_settings(other, {}).tables.tickets == "OTHER"
    assert read_settings(None, {"CORTEX_TICKETS_CONFIG": str(other)}).tables.tickets == "OTHER"
    with pytest.raises(InvalidInputError, match=r"gone\.toml cannot be read as settings \(No such file or directory\)"):
        read_settings(Path("gone.toml"), {})


def test_the_environment_stands_over_the_file_and_the_options_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    write('connection = "file"\n[training]\nseed = 1\n[budget]\nai_credits = 1\n')
    monkeypatch.setenv("CORTEX_TICKETS_TRAINING_SEED", "7")
    monkeypatch.setenv("CORTEX_TICKETS_BUDGET_AI_CREDITS", "2.5")
    settings = settled(None)
    assert (settings.connection, settings.training.seed, settings.budget.ai_credits) == ("file", 7, 2.5)
    monkeypatch.setenv("CORTEX_TICKETS_CONNECTION", "environment")
    assert settled(None).connection == "environment"
    assert settled(None, "option").connection == "option"
    monkeypatch.setenv("CORTEX_TICKETS_PATH", "engine")
    monkeypatch.delenv("CORTEX_TICKETS_CONNECTION")
    assert (settled(None).connection, settled(None).path) == (None, "engine")
    assert (settled(None, None, Path("x")).connection, settled(None, None, Path("x")).path) == (None, "x")


def test_two_variables_that_exclude_each_other_are_refused_as_two_keys_and_two_options_are() -> None:
    both = {"CORTEX_TICKETS_CONNECTION": "mine", "CORTEX_TICKETS_PATH": "engine"}
    with pytest.raises(InvalidInputError) as raised:
        read_settings(None, both)
    (problem,) = raised.value.problems
    assert problem == (
        "CORTEX_TICKETS_CONNECTION and CORTEX_TICKETS_PATH are both set; a connection has no folder. Leave one of them "
        "out."
    )
    assert read_settings(None, {**both, "CORTEX_TICKETS_CONNECTION": ""}).path == "engine"


def test_a_variable_that_is_set_to_nothing_counts_as_not_set() -> None:
    assert read_settings(None, {"CORTEX_TICKETS_TRAINING_SEED": ""}).training.seed == 0
    write('connection = "mine"\n[columns]\ncreated_at = "OPENED"\n[replies]\nguardrails = true\n')
    empty = {variable_name(keys): "" for keys, _ in settable_keys()}
    assert read_settings(None, {**empty, "CORTEX_TICKETS_CONFIG": ""}) == read_settings(None, {})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("TABLES_TICKTES", "did you mean CORTEX_TICKETS_TABLES_TICKETS?"),
        ("CONECTION", "did you mean CORTEX_TICKETS_CONNECTION?"),
        ("TABEL_TICKETS", "did you mean CORTEX_TICKETS_TABLES_TICKETS?"),
        ("FAULT", "did you mean CORTEX_TICKETS_FAULTS?"),
        ("BUDGET_ZZZ", "there are: CORTEX_TICKETS_BUDGET_AI_CREDITS, CORTEX_TICKETS_BUDGET_PLATFORM_CREDITS."),
        ("MODELS_TEACHER", "models can be given in the settings file alone."),
        ("LABEL_SET", "labels can be given in the settings file alone."),
        ("GATES_REQUIRE", "gates can be given in the settings file alone."),
    ],
)
def test_a_variable_that_is_none_is_refused_and_told_what_it_may_have_meant(name: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_settings(None, {f"CORTEX_TICKETS_{name}": "x"})
    assert raised.value.problems == (f"CORTEX_TICKETS_{name} is no variable of the settings; {words}",)


@pytest.mark.parametrize("name", ["LLM_URL", "LLM_MODEL", "LLM_API_KEY", "ENCODER", "FAULTS", "APP_TABLE", "HOUSE"])
def test_variables_of_other_parts_and_programs_are_left_alone(name: str) -> None:
    assert read_settings(None, {f"CORTEX_TICKETS_{name}": "x"}) == Settings()


def test_an_empty_variable_that_is_none_says_nothing_either() -> None:
    assert read_settings(None, {"CORTEX_TICKETS_TABLES_TICKTES": ""}) == Settings()


def test_every_mistake_is_told_at_once_with_file_and_key() -> None:
    text = (
        'tabels = 3\n[[labels]]\nname = "a"\ndescripton = "x"\n[tables]\ntickets = 4\nlabls = "L"\n'
        '[training]\nstudent = "fast"\nseed = "7"\n[budget]\nai_credits = -1\n[gates]\nrequire = "x"\n'
        '[prices."m"]\ninput = 1\n'
    )
    assert sorted(problems_of(text, {"CORTEX_TICKETS_TRAINING_MAX_EPOCHS": "many"})) == [
        "CORTEX_TICKETS_TRAINING_MAX_EPOCHS='many' must be a whole number.",
        "cortex_tickets.toml: budget.ai_credits must be more than 0.",
        "cortex_tickets.toml: gates.require must be a list.",
        "cortex_tickets.toml: labels.0.descripton is no key; did you mean description?",
        "cortex_tickets.toml: prices.m.output is missing.",
        "cortex_tickets.toml: tabels is no key; did you mean tables?",
        "cortex_tickets.toml: tables.labls is no key; did you mean labels?",
        "cortex_tickets.toml: tables.tickets must be a text.",
        "cortex_tickets.toml: training.seed must be a whole number.",
        "cortex_tickets.toml: training.student must be 'auto', 'fine-tune' or 'embedding'.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TRAINING_SEED", "1.5", "must be a whole number."),
        ("BUDGET_AI_CREDITS", "1,5", "must be a number."),
        ("BUDGET_AI_CREDITS", "0", "must be more than 0."),
        ("TRAINING_MAX_EPOCHS", "11", "must be at most 10."),
        ("REPLIES_GUARDRAILS", "maybe", "must be true or false."),
        ("TRAINING_STUDENT", "fast", "must be 'auto', 'fine-tune' or 'embedding'."),
    ],
)
def test_a_variable_of_the_wrong_type_says_what_it_must_be(name: str, value: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_settings(None, {f"CORTEX_TICKETS_{name}": value})
    assert raised.value.problems == (f"CORTEX_TICKETS_{name}={value!r} {words}",)


def test_a_key_that_is_like_no_other_is_told_what_there_is() -> None:
    (problem,) = problems_of("[budget]\nzzz = 1\n")
    assert problem == "cortex_tickets.toml: budget.zzz is no key; there are: ai_credits, platform_credits."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tables = 3\n", "tables must be a table."),
        ("labels = 3\n", "labels must be a list."),
        ("= 3\n", "is no TOML file"),
        ('connection = "c"\npath = "p"\n', "connection and path are both given"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, words: str) -> None:
    (problem,) = problems_of(text, {"CORTEX_TICKETS_TABLES_TICKETS": "T"})
    assert words in problem
    assert "cortex_tickets.toml" in problem


def test_folders_and_files_are_relative_to_the_file_that_names_them() -> None:
    file = write('path = "engine"\n[replies]\nplaybook = "book.toml"\n', "project/cortex_tickets.toml")
    settings = read_settings(file, {})
    assert (settings.path, settings.replies.playbook) == ("project/engine", "project/book.toml")
    assert read_settings(file, {"CORTEX_TICKETS_PATH": "here"}).path == "here"


def test_columns_make_a_source_and_an_empty_name_means_that_there_is_none() -> None:
    write('[columns]\nid = "CASE_NO"\nservice_type = ""\ncreated_at = "OPENED"\n')
    source = source_of(read_settings(None, {}), "CASES")
    assert (source.table, source.id, source.text) == ("CASES", "CASE_NO", "REQUEST")
    assert (source.service_type, source.created_at, source.customer_name) == (None, "OPENED", "CUSTOMER_NAME")


def test_a_column_that_nobody_named_is_looked_up_as_in_python() -> None:
    assert source_of(Settings(), "CASES") == TicketSource(table="CASES")
    assert source_of(Settings(), "CASES").model_fields_set == {"table"}
    source = source_of(read_settings(None, {"CORTEX_TICKETS_COLUMNS_CUSTOMER_NAME": "WHO"}), "CASES")
    assert source.model_fields_set == {"table", "customer_name"}


def test_labels_come_from_options_a_file_or_the_settings() -> None:
    write('abstain = "b"\n[[labels]]\nname = "a"\ndescription = "d"\nexamples = ["e"]\n[[labels]]\nname = "b"\n')
    settings = read_settings(None, {})
    found = chosen_labels(settings, [], None)
    assert found is not None
    assert (found.names, found.abstain, found.labels[0].description) == (("a", "b"), "b", "d")
    assert chosen_labels(settings, ["x", "y"], None) == LabelSet.of(["x", "y"])
    write('labels = ["a", "b"]\n')
    assert chosen_labels(read_settings(None, {}), [], None) == LabelSet.of(["a", "b"])
    file = write('[[labels]]\nname = "p"\n[[labels]]\nname = "q"\n', "labels.toml")
    assert chosen_labels(settings, [], file) == LabelSet.of(["p", "q"])
    assert chosen_labels(Settings(), [], None) is None
    with pytest.raises(InvalidInputError, match="--label and --label-set cannot be given together"):
        chosen_labels(settings, ["x"], file)


def test_budgets_and_prices() -> None:
    write('[budget]\nplatform_credits = 3\n[prices."m"]\ninput = 1\noutput = 2.5\n')
    settings = read_settings(None, {})
    budget = budget_of(settings, 2.0)
    assert budget is not None
    assert (budget.ai_credits, budget.platform_credits, budget.unknown_price) == (2.0, 3, "dearest_listed")
    assert budget_of(Settings(), None) is None
    assert prices_of(settings)["m"].output == 2.5


def test_a_connection_and_a_folder_are_refused_together() -> None:
    with pytest.raises(InvalidInputError, match="--connection and --path cannot be given together"):
        settled(None, "c", Path("p"))
