"""Who is named in a use case besides its parties."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import require
from portfolio import rules
from portfolio.models import Part, UseCasePerson
from portfolio.services.editing import lock


@transaction.atomic
def name_person(use_case_id: int, person: User, part: Part, *, by: User) -> UseCasePerson:
    """Let PERSON see the use case, confidential or not; contributors also write. Naming twice changes nothing."""
    use_case = lock(use_case_id)
    require(rules.objection_to_name_people(by, use_case))
    named, new = UseCasePerson.objects.get_or_create(use_case=use_case, user=person, part=part)
    if not new and named.ended_at is None:
        return named
    if not new:
        named.ended_at = None
        named.save(update_fields=["ended_at"])
    record("use_case.person_named", use_case, by=by, person=str(person), person_id=person.pk, part=part.label.lower())
    return named


@transaction.atomic
def remove_person(person_id: int, *, by: User) -> UseCasePerson:
    """Take a name out again; the row stays."""
    named = UseCasePerson.objects.select_related("user").get(pk=person_id)
    use_case = lock(named.use_case_id)
    require(rules.objection_to_name_people(by, use_case))
    if named.ended_at is None:
        named.ended_at = clock.now()
        named.save(update_fields=["ended_at"])
        record("use_case.person_removed", use_case, by=by, person=str(named.user), person_id=named.user_id)
    return named
