"""The guarantee on BANKING77, with students that were trained through the public API: 20,000 draws of each kind."""

from typing import Any

import pytest
from cascade_draws import TOLERANCE, Way
from cascade_guarantee import DRAWS, all_ways, banking77_students


@pytest.mark.soak
def test_the_guarantee_holds_on_banking77_and_is_broken_by_each_way_of_doing_it_wrong(session: Any) -> None:
    students = banking77_students(session)
    accuracies = [student.population.accuracy for student in students]
    assert [len(student.population.probability) for student in students] == [3_080] * 3
    # Their escalation at 0.95 is promised for students of about 91 % and 89 %.
    assert accuracies[0] >= 0.905
    assert accuracies[1] >= 0.88
    promised = (0.18, 0.20)
    for place, student in enumerate(students):
        for way, target, found in all_ways(student, draws=DRAWS):
            told = (student.name, way, target, found)
            if way is not Way.CERTIFIED:
                assert found.broken > TOLERANCE, told
                continue
            assert found.broken <= TOLERANCE, told
            if target == 0.95 and place < len(promised):
                assert found.escalated <= promised[place], told
