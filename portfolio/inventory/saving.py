"""Profiles that an organisation makes for its own files: kept version by version."""

from django.db import connection, transaction
from django.utils.text import slugify

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.audit.events import record
from caio_portal.common.errors import Invalid, require
from portfolio.inventory import profiles
from portfolio.inventory.drafting import Draft, document_of
from portfolio.inventory.profiles import Profile
from portfolio.inventory.rules import OFFICE
from portfolio.models import ImportProfile


def objection_to_save(user: User) -> str | None:
    return None if roles_of(user).has(*OFFICE) else "Only the CAIO office makes profiles."


@transaction.atomic
def save_profile(draft: Draft, *, by: User) -> Profile:
    """Keep what was chosen as a new version of the profile of that name; the same again keeps nothing.

    Raises Invalid for a name that is taken, or when rows of earlier files would no longer be recognised.
    """
    require(objection_to_save(by))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('inventory.profile', 0))")
    key = slugify(draft.title)[:60]
    if not key or key in profiles.names():
        raise Invalid("This name belongs to a profile that is shipped. Choose another.", "title")
    document = document_of(draft)
    latest = ImportProfile.objects.filter(key=key).order_by("-version").first()
    if latest:
        _require_same_key(latest, document)
        if latest.document == document:
            return profiles.load(key)
    version = latest.version + 1 if latest else 1
    Profile.model_validate({**document, "key": key, "title": draft.title})
    kept = ImportProfile.objects.create(key=key, version=version, title=draft.title, document=document, by=by)
    record("inventory_profile.saved", kept, by=by, key=key, version=version)
    return profiles.load(key, version)


def _require_same_key(latest: ImportProfile, document: dict[str, dict[str, object]]) -> None:
    before = latest.document["identity"]["key"]
    if before != document["identity"]["key"]:
        names = ", ".join(before)
        raise Invalid(
            f"Rows of {latest.title} are told apart by {names}. With another key, none of them would be recognised:"
            " keep it, or save this under another name.",
            "title",
        )
