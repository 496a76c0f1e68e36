"""One answer to the questionnaire: the preview of what follows from it, and the answer saved with its audit event."""

import json
from itertools import count
from typing import Any

from benchmarks import place
from benchmarks.measurement import Measurement

REQUESTER = "requester@demo.example"
PREVIEW_QUERIES, SAVED_QUERIES = 8, 24


def measure() -> list[Measurement]:
    place.manage("migrate", "--verbosity", "0")
    place.manage("collectstatic", "--noinput", "--verbosity", "0")
    place.django()
    from benchmarks.timing import Visit, Visitor, compare

    ref = _draft()
    visits = (
        Visit("preview of tier, controls and route after an answer", f"/bench/outlook/{ref}/", 3, PREVIEW_QUERIES),
        Visit("answer saved with its audit event", f"/intake/{ref}/purpose/", 7, SAVED_QUERIES, sent=_answers(ref)),
    )
    visitor = Visitor(REQUESTER)
    empty, times = compare(visitor, visits)
    figures = [Measurement(visit.name, times[visit.name], "ms", visit.limit, empty) for visit in visits]
    counts = [Measurement(f"{visit.name}: queries", visitor.queries(visit), "queries", visit.queries)
              for visit in visits]  # fmt: skip
    return figures + counts


def _draft() -> str:
    """A draft on which much is answered: high risk, with its reasons, controls and steps."""
    from caio_portal.accounts.models import User
    from portfolio.services import register_use_case, write_facts

    requester = User.objects.filter(email=REQUESTER).first()
    if requester is None:
        raise place.NotThere("there are no demonstration data; `make bench` loads them first.")
    unit = requester.grants.order_by("pk").values_list("unit", flat=True)[0]
    use_case = register_use_case("Draft of the benchmark", unit, by=requester)
    facts: dict[str, Any] = {
        "purpose": "Sorts applications.", "technique": ["generative"], "approach": "build", "personal_data": True,
        "decides_about": ["employment"], "principal_basis": True, "human_involvement": "decides", "high_impact": "yes",
        "affected_people": ["applicants"], "autonomy": "none", "biometric_use": ["none"],
    }  # fmt: skip
    write_facts(use_case.pk, facts, by=requester)
    return use_case.ref


def _answers(ref: str) -> Any:
    """Another purpose each time, as htmx sends it a moment after somebody typed it."""
    from portfolio.models import UseCase

    number = count(1)

    def sent() -> dict[str, Any]:
        seen = UseCase.objects.values_list("facts", flat=True).get(ref=ref)
        asked = ["purpose", "outputs", "expected_benefit", "topic_area", "users_expected"]
        return {
            "asked": asked, "seen": json.dumps({name: seen.get(name) for name in asked}),
            "purpose": f"Sorts applications, {next(number)}.",
        }  # fmt: skip

    return sent
