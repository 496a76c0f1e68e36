import math
import random

import pytest

from kpis import buckets


def test_percentiles_of_summed_histograms_are_close():
    generator = random.Random(11)
    days = [[generator.lognormvariate(mean, 0.6) for _ in range(2_000)] for mean in (0, 0.1, 1.2)]

    total = [sum(counts) for counts in zip(*map(buckets.of_durations, days), strict=True)]

    everything = sorted(second for day in days for second in day)
    for percent in (50, 95, 99):
        exact = everything[math.ceil(len(everything) * percent / 100) - 1]
        assert buckets.percentile(total, percent) == pytest.approx(exact, rel=0.045)


def test_edges_of_usual_buckets_are_edges_here():
    for doubling in range(14):
        assert buckets.edge(8 * doubling) == pytest.approx(0.01 * 2**doubling)


def test_cumulative_counts_keep_their_sum_and_their_edges():
    counts = buckets.of_cumulative([(0.01, 1), (1.28, 11.4), (2.56, 31.2), (math.inf, 40.6)])

    assert sum(counts) == 41
    assert sum(counts[:56]) == 11
    assert sum(counts[:64]) == 31


@pytest.mark.parametrize(("seconds", "bucket"), [(0, 0), (0.01, 0), (0.02, 8), (1.0, 53), (10_000, 112)])
def test_place(seconds, bucket):
    assert buckets.place(seconds) == bucket


def test_nothing_has_no_percentile():
    assert buckets.percentile([0] * buckets.COUNT, 50) is None
    assert buckets.percentile([0] * 112 + [3], 50) > 163
