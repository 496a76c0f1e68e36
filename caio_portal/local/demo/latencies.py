"""Response times as Prometheus answers of them: requests up to each edge of OpenTelemetry's usual buckets."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from statistics import NormalDist
from typing import Any

MEASURE = "fast_requests"
HOURS = 28 * 24  # increase(...[28d]), asked once a month
OBJECTIVE = 2.56  # seconds
EDGES = tuple(0.01 * 2**power for power in range(14))
SPREAD = 0.85  # how far the logarithms of response times are apart


def answer(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """What Prometheus answers for these rows, of which each tells how many requests were quick, and how many came."""
    result = [series for row in rows for series in _of_use_case(row)]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def _of_use_case(row: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Log-normal times of which as many are within the objective as the row says."""
    requests, share = row["den"], row["num"] / row["den"] if row["den"] else 0.5
    normal = NormalDist()
    middle = math.log(OBJECTIVE) - normal.inv_cdf(min(max(share, 0.001), 0.999)) * SPREAD
    ended = datetime.combine(date.fromisoformat(row["date"]) + timedelta(days=1), time(), UTC).timestamp()
    counts = {f"{edge:g}": normal.cdf((math.log(edge) - middle) / SPREAD) * requests for edge in EDGES}
    for edge, count in {**counts, "+Inf": float(requests)}.items():
        told = requests if count > requests - 0.5 else row["num"] if edge == f"{OBJECTIVE:g}" else round(count, 3)
        yield {"metric": {"use_case": row["use_case"], "le": edge}, "values": [[ended, f"{told}"]]}
