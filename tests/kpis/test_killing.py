"""The short form of benchmarks/chaos_kpis.py."""

import pytest

from kpis.services import rollups
from tests.factories import make_person
from tests.kpis.killing import Trials

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_at_any_moment_changes_nothing_in_the_end(spawn):
    trials = Trials(lambda: spawn("-m", "tests.kpis.killing"), make_person(), rows=1_500, seed=7)

    assert trials.differing(3) == 0
    assert len(trials.expected[0]) == 18  # 3 KPIs of 6 months
    assert trials.expected[3:] == (0, {"done"})
    assert rollups.changes_of_recomputing() == []
