"""A budget is a hard stop, whatever is known of prices and tokens; an estimate counts before anything is billed."""

from collections.abc import Callable
from typing import Any

import pytest

from cortex_tickets import Budget, InvalidInputError, TicketClassifier, UnexpectedAnswerError
from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.ledger.spending import ChunkTokens, Spending
from cortex_tickets.ledger.tally import Tally
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.table_run import RunState
from cortex_tickets.testing import FakeSession

LedgerSession = Callable[..., FakeSession]
ONE = ModelPrice(input=1_000_000, output=0)
"""One AI credit for each token that is read."""


def spending(limit: float, chunks: dict[int, ChunkTokens], price: ModelPrice | None = ONE) -> Spending:
    operation = Labelling("AI_COMPLETE", "m", ClassificationPrompt.rich(["A", "B"]), is_constrained=True)
    prices = packaged_prices().with_prices({"m": price} if price else None)
    return Spending(operation, prices, Budget(ai_credits=limit), chunks)


def take(spent: Spending, chunk: int, read: int) -> None:
    """Take note of a chunk of which the server told these tokens."""
    spent.add(Tally(1, 0, input_tokens=read))
    spent.n_asked += 1
    spent.chunk_is_over(chunk, told_tokens=read > 0)


def counted(*tokens: int) -> dict[int, ChunkTokens]:
    return {chunk: ChunkTokens(1, 1, number) for chunk, number in enumerate(tokens)}


def test_a_chunk_that_fits_may_be_asked_and_one_that_would_cross_may_not() -> None:
    spent = spending(100, counted(60, 40, 1))
    assert spent.stop_before(0) is None
    take(spent, 0, 60)
    assert spent.stop_before(1) is None
    take(spent, 1, 40)
    assert spent.stop_before(2) == (
        "the budget of 100 AI credits would be crossed: 100.000000 are spent, "
        "and the next chunk would cost up to 1.000000"
    )


def test_what_was_used_corrects_what_was_counted() -> None:
    spent = spending(100, counted(30, 30))
    take(spent, 0, 60)  # twice what was counted, so the next one is expected to be twice as dear, too
    reason = spent.stop_before(1)
    assert reason is not None
    assert "up to 60.000000" in reason


def test_tokens_that_were_not_told_count_with_what_was_expected() -> None:
    spent = spending(100, counted(60, 60))
    take(spent, 0, 0)
    assert spent.stop_before(1) is not None
    assert (spent.input_tokens, spent.ai_credits, spent.counted_credits) == (0, None, 60)


def test_texts_that_could_not_be_counted_are_taken_to_be_like_the_others() -> None:
    chunks = {0: ChunkTokens(n_texts=4, n_counted=2, tokens=60)}
    assert spending(119, chunks).stop_before(0) is not None
    assert spending(121, chunks).stop_before(0) is None


def test_a_chunk_with_nothing_in_it_costs_nothing() -> None:
    assert spending(1, {}).stop_before(0) is None


def test_a_chunk_that_cannot_be_counted_is_not_asked() -> None:
    reason = spending(100, {0: ChunkTokens(n_texts=4, n_counted=0, tokens=0)}).stop_before(0)
    assert reason is not None
    assert "cannot be counted for m" in reason


def test_without_a_price_the_dearest_one_counts() -> None:
    dearest = max(price.input for price in packaged_prices().models.values())
    chunks = {0: ChunkTokens(1, 1, 1_000_000)}
    assert spending(dearest * 0.99, chunks, price=None).stop_before(0) is not None
    assert spending(dearest * 1.01, chunks, price=None).stop_before(0) is None
    unknown = spending(1, chunks, price=None)
    take(unknown, 0, 10)
    assert unknown.ai_credits is None


def test_a_model_without_a_price_needs_one_for_a_budget(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    classifier = TicketClassifier(session, labels=["A", "B"], model=["claude-sonnet-4-6", "claude-opus-5"])
    with pytest.raises(InvalidInputError, match=r"The price of claude-opus-5 is unknown.*prices=\{'claude-opus-5'"):
        classifier.classify_table("T", into="DB.S.L", budget=Budget(ai_credits=1))
    assert not any(text.startswith(("CREATE", "INSERT")) for text in session.texts())
    counted_as_dearest = Budget(ai_credits=1, unknown_price="dearest_listed")
    assert classifier.classify_table("T", into="DB.S.L", budget=counted_as_dearest).is_complete


def test_each_model_that_was_asked_costs_its_own_price() -> None:
    spent = spending(1000, {})
    spent.prices = spent.prices.with_prices({"n": ModelPrice(input=3_000_000, output=0)})
    take(spent, 0, 10)
    spent.operation = Labelling(
        "AI_COMPLETE", "n", ClassificationPrompt.rich(["A", "B"]), is_constrained=True, models=("m", "n")
    )
    take(spent, 1, 10)
    spent.n_asked = 2
    assert spent.ai_credits == 10 + 30


@pytest.mark.parametrize(
    ("chunks", "n_asked", "left"),
    [(counted(40, 50), 0, 90.0), ({}, 2, 45.0), ({}, 0, None), ({0: ChunkTokens(4, 0, 0)}, 0, None)],
)
def test_what_the_rest_would_cost_is_counted_or_taken_from_what_was_spent(
    chunks: dict[int, ChunkTokens], n_asked: int, left: float | None
) -> None:
    spent = spending(1000, chunks)
    spent.n_asked = n_asked
    if n_asked:
        spent.add(Tally(n_asked, 0, input_tokens=30))
    assert spent.credits_left(3) == left
    assert spent.credits_left(0) == 0.0
    assert spending(1, {}, price=None).credits_left(3) is None


WRITING = ModelPrice(input=1_000_000, output=1_000_000)


def test_a_hard_stop_counts_with_the_longest_answers_and_the_rest_with_the_expected_ones() -> None:
    chunks = {0: ChunkTokens(2, 2, 10, written=4, written_at_most=40)}
    assert spending(49, chunks, WRITING).stop_before(0) is not None
    assert spending(50, chunks, WRITING).stop_before(0) is None
    assert spending(50, chunks, WRITING).credits_left(2) == 14


def test_what_the_rest_would_cost_learns_from_the_length_of_the_answers() -> None:
    chunk = ChunkTokens(2, 2, 10, written=4, written_at_most=40)
    spent = spending(1000, {0: chunk, 1: chunk}, WRITING)
    spent.add(Tally(2, 0, input_tokens=10, output_tokens=12))  # three times as long as was expected
    spent.n_asked = 2
    assert spent.credits_left(2) == 10 + 12


@pytest.mark.parametrize(("n_asked", "left"), [(0, 80), (1, 70), (4, 40), (7, 10), (8, 0)])
def test_what_is_left_of_a_chunk_under_way_is_left(n_asked: int, left: float) -> None:
    spent = spending(1000, {0: ChunkTokens(4, 4, 40), 1: ChunkTokens(4, 4, 40)})
    spent.n_asked = n_asked
    assert spent.credits_left(8 - n_asked) == left


def test_a_part_of_a_chunk_does_not_make_its_tokens_an_excess() -> None:
    spent = spending(1000, {0: ChunkTokens(4, 4, 40), 1: ChunkTokens(4, 4, 40)})
    for _ in range(6):
        take(spent, 0, 10)
    assert spent.credits_left(2) == 20


@pytest.mark.parametrize(("limit", "n_asked", "leaves_room"), [(79, 0, False), (80, 0, True), (79, 1, True)])
def test_a_first_chunk_leaves_room_to_be_halved(limit: float, n_asked: int, *, leaves_room: bool) -> None:
    spent = spending(limit, counted(40))
    spent.n_asked = n_asked
    assert spent.leaves_room_to_halve(0) is leaves_room


def test_what_nobody_counted_is_unknown_and_not_0(ledger_session: LedgerSession) -> None:
    managed = TicketClassifier(
        ledger_session(used=[(0, 0)]), labels=["A", "B"], function="AI_CLASSIFY", prices={"AI_CLASSIFY": ONE}
    )
    run = managed.classify_table("T", into="DB.S.L")
    assert (run.ai_credits, run.ai_credits_counted, run.input_tokens) == (None, None, None)
    counted_run = managed.classify_table("T", into="DB.S.L", budget=Budget(ai_credits=1000))
    assert (counted_run.ai_credits, counted_run.ai_credits_counted) == (None, 500)
    assert "AI credits unknown (500.000000 counted)" in str(counted_run)


def test_a_name_that_leaves_no_room_for_the_tables_beside_it_is_a_problem_before_anything_is_written(
    ledger_session: LedgerSession,
) -> None:
    session = ledger_session()
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6")
    assert classifier.classify_table("T", into="DB.S." + "L" * 236).is_complete
    sent = len(session.texts())
    for verb in (classifier.classify_table, classifier.estimate):
        with pytest.raises(InvalidInputError, match=r"has 237 characters.*give one of at most 236"):
            verb("T", into="DB.S." + "L" * 237)
    assert not any(text.startswith(("CREATE", "INSERT")) for text in session.texts()[sent:])


def test_without_a_budget_nothing_stops_and_nothing_is_counted(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6").classify_table("T", into="DB.S.L")
    assert not any("AI_COUNT_TOKENS" in text or "FLOOR(N" in text for text in session.texts())


def run_with(session: FakeSession, limit: float, **options: Any) -> Any:
    classifier = TicketClassifier(
        session, labels=["A", "B"], model="claude-opus-5", prices={"claude-opus-5": ONE}, **options
    )
    return classifier.classify_table("T", into="DB.S.L", budget=Budget(ai_credits=limit), chunk_rows=2)


def test_a_stopped_run_says_what_is_left_and_resume_goes_on(ledger_session: LedgerSession) -> None:
    session = ledger_session(chunks=[(2, 40), (2, 40), (1, 20)], used=[(40, 0), (80, 0)], left=1, outcomes={"valid": 4})
    run = run_with(session, 90)
    assert (run.state, run.n_texts_asked, run.n_left, run.ai_credits) == (RunState.INCOMPLETE, 4, 1, 80)
    assert "1 left (about 20.000000 AI credits): the budget of 90 AI credits would be crossed" in str(run)
    session.answer(
        "AS N_TO_ASK", [{"N_TO_ASK": 1, "N_TO_COPY": 0, "N_WAITING": 1, "N_AGAIN": 0, "N_TICKETS": 5, "N_ROWS": 5}]
    )
    session.answer(
        r"FLOOR\(N", [{"CHUNK": 0, "N_TEXTS": 1, "N_COUNTED": 1, "TOKENS": 20, "WRITTEN": 0, "WRITTEN_AT_MOST": 0}]
    )
    told = {"READ_TOKENS": 20, "WRITTEN_TOKENS": 0, "N_ROWS": 1, "N_ERRORS": 0}
    session.answer("AS READ_TOKENS", [told])
    resumed = run.resume()
    assert (resumed.state, resumed.n_texts_asked, resumed.ai_credits) == (RunState.COMPLETE, 1, 20)
    assert resumed.run_id != run.run_id


def test_a_budget_that_the_first_chunk_would_cross_asks_nothing(ledger_session: LedgerSession) -> None:
    session = ledger_session(chunks=[(2, 40)], used=[(0, 0)], left=5, outcomes={})
    run = run_with(session, 10)
    assert (run.n_texts_asked, run.ai_credits, run.n_left) == (0, 0.0, 5)
    assert not any(text.startswith("INSERT") and "AI_COMPLETE" in text for text in session.texts())


def test_a_function_that_tells_no_tokens_is_stopped_all_the_same(ledger_session: LedgerSession) -> None:
    session = ledger_session(chunks=[(2, 40), (2, 40), (1, 40)], used=[(0, 0)], left=3)
    managed = TicketClassifier(session, labels=["A", "B"], function="AI_CLASSIFY", prices={"AI_CLASSIFY": ONE})
    run = managed.classify_table("T", into="DB.S.L", budget=Budget(ai_credits=100), chunk_rows=2)
    assert (run.state, run.n_texts_asked) == (RunState.INCOMPLETE, 4)


COUNTS = {"N_TICKETS": 40, "N_TEXTS": 30, "N_COUNTED": 10, "TOKENS": 1000, "WRITTEN": 90, "WRITTEN_AT_MOST": 110}


def test_an_estimate_scales_its_sample_up(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("AS N_COUNTED", [COUNTS])
    estimate = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6").estimate("T")
    assert (estimate.n_tickets, estimate.n_texts, estimate.input_tokens) == (40, 30, 3000)
    assert (estimate.output_tokens, estimate.output_tokens_at_most) == (30 * 9, 30 * 11)
    assert estimate.ai_credits == pytest.approx((3000 * 1.65 + 270 * 8.25) / 1e6)
    assert estimate.ai_credits_at_most == pytest.approx((3000 * 1.65 + 330 * 8.25) / 1e6)
    assert estimate.dollars == pytest.approx((estimate.ai_credits or 0) * estimate.dollars_per_ai_credit)


def test_an_estimate_of_nothing_to_do_is_nothing(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("AS N_COUNTED", [{**COUNTS, "N_TEXTS": 0, "N_COUNTED": 0, "TOKENS": 0}])
    estimate = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6").estimate("T")
    assert (estimate.input_tokens, estimate.ai_credits) == (0, 0.0)


def test_tokens_that_cannot_be_counted_are_no_estimate_of_nothing(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("AS N_COUNTED", [{**COUNTS, "N_COUNTED": 0, "TOKENS": 0}])
    with pytest.raises(UnexpectedAnswerError, match="counted none of 30 texts for claude-sonnet-4-6"):
        TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6").estimate("T")


def test_an_estimate_leaves_out_what_the_ledger_has_and_a_ledger_to_be_has_nothing(
    ledger_session: LedgerSession,
) -> None:
    session = ledger_session()
    session.answer("AS N_COUNTED", [COUNTS])
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6")
    classifier.estimate("T", into="L")
    assert "NOT IN" not in session.texts()[-1]
    session.answer('^DESCRIBE TABLE "L"$', [{"name": name} for name in LEDGER_COLUMNS])
    classifier.estimate("T", into="L")
    assert 'NOT IN (SELECT TEXT_HASH FROM "L"' in session.texts()[-1]


def test_every_problem_of_an_estimate_is_told_at_once(ledger_session: LedgerSession) -> None:
    session = ledger_session(columns=["TICKET_ID"])
    session.answer('^DESCRIBE TABLE "L"$', [{"name": "OTHER"}])
    classifier = TicketClassifier(session, labels=["A", "B"], model="gone")
    with pytest.raises(InvalidInputError) as raised:
        classifier.estimate("T", into="L")
    assert len(raised.value.problems) == 3
    with pytest.raises(InvalidInputError, match="is not a ledger table name"):
        classifier.estimate("T", into="no name")
