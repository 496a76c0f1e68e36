"""Remarks of those who examine, at the answers that they are about."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.facts import CATALOGUE
from portfolio.models import Remark
from portfolio.services.editing import lock


@transaction.atomic
def make_remark(use_case_id: int, fact: str, text: str, *, by: User, tell: bool = True) -> Remark:
    """Say what is unclear or missing at one answer, and TELL its parties."""
    use_case = lock(use_case_id)
    require(rules.objection_to_remark(by, use_case))
    if fact not in CATALOGUE:
        raise Invalid("There is no such question.", "fact")
    if not text.strip():
        raise Invalid("Write what is unclear or missing.", "text")
    remark = Remark.objects.create(use_case=use_case, fact=fact, text=text.strip(), by=by, made_at=clock.now())
    label = CATALOGUE[fact].label
    record("remark.made", use_case, by=by, fact=label, text=remark.text[:500])
    if not tell:
        return remark
    parties = [person for person in (use_case.owner, use_case.requester) if person]
    told = f"{by} remarks on “{label}” of {use_case}: {remark.text}"
    notify(parties, use_case, told, f"{use_case.get_absolute_url()}facts/#remarks-{fact}")
    return remark


@transaction.atomic
def settle_remark(remark_id: int, *, by: User) -> Remark:
    """The answer says now what was missing, or there is nothing to say: the remark stays in the history."""
    remark = Remark.objects.select_for_update(of=("self",)).select_related("use_case__unit").get(pk=remark_id)
    require(rules.objection_to_settle_remark(by, remark))
    remark.settled_at, remark.settled_by = clock.now(), by
    remark.save(update_fields=["settled_at", "settled_by"])
    record("remark.settled", remark.use_case, by=by, fact=CATALOGUE[remark.fact].label, text=remark.text[:500])
    return remark
