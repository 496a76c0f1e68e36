"""Taking away what proves decisions; who took what is recorded."""

from typing import IO

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from governance import proof
from governance.models import Decision


@transaction.atomic
def export_proof(decision: Decision, file: IO[bytes], *, by: User) -> int:
    """Write the ZIP of a decision and record that BY took it away; returns how many files it holds."""
    count = proof.write_proof(file, decision)
    review = decision.review
    record("decision.exported", review, by=by, unit=review.use_case.unit_id, files=count)
    return count


@transaction.atomic
def record_sample(population: int, size: int, seed: str, *, by: User) -> None:
    """Record that BY drew a sample, so that nobody draws until it suits."""
    record("decisions.sampled", by, by=by, population=population, size=size, seed=seed)
