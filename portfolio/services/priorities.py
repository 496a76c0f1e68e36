"""The office weighs what use cases have to offer."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.models import Weighing


@transaction.atomic
def weigh(weighing: Weighing, *, by: User) -> Weighing:
    """Set the weights and the topic areas that fit; the rows before stay."""
    require(rules.objection_to_weigh(by))
    if not weighing.total:
        raise Invalid("Give at least one weight.")
    weighing.pk, weighing.by, weighing.set_at = None, by, clock.now()
    weighing.save(force_insert=True)
    record("priorities.weighed", weighing, by=by, weights=str(weighing), topics=weighing.topics)
    return weighing
