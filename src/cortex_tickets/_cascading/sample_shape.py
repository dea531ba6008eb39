"""Signs that a calibration sample is no simple random one: balanced by label, rid of equal texts, or full of copies.

That a sample is random cannot be seen in it. What can be seen is that no random draw looks like it, and each check
here states how rarely one would. A sample that is refused in error costs another draw; the guarantee it does not touch,
for refusing certifies nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

RARE = 1e-3
"""A sample is refused if a random one would look like this in at most this share of draws."""
_NOT_RARE = 0.01
_LEAST_EXPECTED = 5.0
"""Labels of which fewer are expected are counted together: the normal limit does not hold for them."""
_TERMS = 10_000


def balance_problem(counts: Mapping[str, int], natural: Mapping[str, int]) -> str | None:
    """Return why the labels of a sample look balanced; `None` if they do not.

    Two signs. Its labels are more equal in number than those of all but one in 1,000 samples, even of tickets whose
    labels are equally frequent. Or equal shares fit it, while the shares of the training set's tickets, those that were
    not trained on included, do not (one in 1,000).

    Args:
        counts: Tickets of the sample by label.
        natural: Tickets of the training set by label, dropped ones included; its labels are those in use.

    Source:
        Pearson (1900), Philosophical Magazine 50:157-175; that too good a fit is a sign of choice: Fisher (1936),
        Annals of Science 1:115-137.
    """
    in_use = {label: counts.get(label, 0) for label in {**counts, **natural}}
    n, n_labels = sum(in_use.values()), len(in_use)
    if not n or n_labels < 2:  # noqa: PLR2004  one label is always as frequent as itself
        return None
    expected = n / n_labels
    distance = sum((count - expected) ** 2 / expected for count in in_use.values())
    shown = f"{min(in_use.values())} to {max(in_use.values())} tickets of each of {n_labels} labels"
    if _as_equal(distance, list(in_use.values())) <= RARE:
        return f"its labels are as equal in number as in no random draw ({shown})"
    if chi_square_above(distance, n_labels - 1) >= _NOT_RARE and _same_mix(counts, natural) <= RARE:
        return f"its labels are about equal in number ({shown}), and those of the training set are not"
    return None


def deduplication_problem(n: int, n_distinct: int, multiplicities: Sequence[tuple[int, int]]) -> str | None:
    """Return why a sample looks rid of equal texts; `None` if it does not.

    A random sample without a repeated text is the rarer the more repeats its population has. Counts of texts in a draw
    are negatively associated, so the probability of none at all is at most the product over the texts of the
    probability that this text is drawn once or never.

    Args:
        n: Tickets of the sample.
        n_distinct: Distinct texts among them.
        multiplicities: Of the population: (tickets that share a text, number of such texts).

    Source:
        Joag-Dev and Proschan (1983), Annals of Statistics 11:286-295.
    """
    if n_distinct < n:
        return None
    population = sum(size * texts for size, texts in multiplicities)
    log_probability = 0.0
    for size, texts in multiplicities:
        share = size / population
        if size > 1 and share < 1:
            once_or_never = (1 - share) ** n + n * share * (1 - share) ** (n - 1)
            log_probability += texts * math.log(max(once_or_never, 1e-300))
    if log_probability > math.log(RARE):
        return None
    repeated = sum(size * texts for size, texts in multiplicities if size > 1)
    return f"no text stands in it twice, and {repeated} of the {population} tickets that it was drawn from share theirs"


def duplication_problem(multiplicities: Sequence[int]) -> str | None:
    """Return why a sample looks as if its tickets had been copied; `None` if it does not.

    Copies of every ticket have a common divisor: each text stands there four times, or eight times. A random sample in
    which every text does so is rare: of so many texts, each is a multiple of `d` in about one of `d` draws.

    Args:
        multiplicities: How many tickets of the sample have the text, for each distinct text.
    """
    times = math.gcd(*multiplicities) if multiplicities else 0
    is_constant = len(set(multiplicities)) == 1
    if times < 2 or not (is_constant or (len(multiplicities) - 1) * math.log(times) >= -math.log(RARE)):  # noqa: PLR2004  once is as it should be
        return None
    how = f"exactly {times} times" if is_constant else f"a multiple of {times} times"
    return f"each of its {len(multiplicities):,} texts stands in it {how}, as no ticket comes in"


def _as_equal(distance: float, counts: Sequence[int]) -> float:
    """Return the probability of counts so equal, were all labels equally frequent."""
    n, n_labels = sum(counts), len(counts)
    if min(counts) == max(counts):
        return math.exp(math.lgamma(n + 1) - n_labels * math.lgamma(counts[0] + 1) - n * math.log(n_labels))
    # Counts are whole numbers, so equal ones have a probability, too: the quarter per label is the width of that step.
    return chi_square_below(distance + n_labels * n_labels / (4 * n), n_labels - 1)


def _same_mix(counts: Mapping[str, int], natural: Mapping[str, int]) -> float:
    """Return the p value of "both have the same shares"."""
    ours, theirs = sum(counts.values()), sum(natural.values())
    if not theirs:
        return 1.0
    cells: list[tuple[int, int]] = []
    rest = (0, 0)
    for label in {**counts, **natural}:
        pair = (counts.get(label, 0), natural.get(label, 0))
        if sum(pair) * min(ours, theirs) / (ours + theirs) >= _LEAST_EXPECTED:
            cells.append(pair)
        else:
            rest = (rest[0] + pair[0], rest[1] + pair[1])
    if sum(rest):
        cells.append(rest)
    distance = 0.0
    for pair in cells:
        for seen, n in zip(pair, (ours, theirs), strict=True):
            expected = sum(pair) * n / (ours + theirs)
            distance += (seen - expected) ** 2 / expected
    return chi_square_above(distance, len(cells) - 1)


def chi_square_below(value: float, degrees: int) -> float:
    """Return the probability that a chi-square of so many degrees of freedom is at most `value`."""
    if degrees < 1:
        return 1.0
    half, x = degrees / 2, value / 2
    if x <= 0:
        return 0.0
    term = total = 1 / half
    for place in range(1, _TERMS):
        term *= x / (half + place)
        total += term
        if term < total * 1e-16:
            break
    return min(1.0, total * math.exp(half * math.log(x) - x - math.lgamma(half)))


def chi_square_above(value: float, degrees: int) -> float:
    """Return the probability that it is more than `value`; 1 without degrees of freedom."""
    return max(0.0, 1.0 - chi_square_below(value, degrees)) if degrees else 1.0
