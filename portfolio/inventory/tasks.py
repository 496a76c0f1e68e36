"""Imports as jobs: examined with progress and cancel, written with the job's end in one transaction."""

from contextlib import suppress
from typing import Any

from caio_portal.common import jobs

KIND = "inventory.import"
LOOK = "inventory.look"


@jobs.handler(KIND, "Import of an inventory")
def import_inventory(run: jobs.Run) -> dict[str, Any] | None:
    """Payload: `file` (key of a stored file), `order`. A file that is refused is a result, not a failure."""
    from django.core.files.storage import default_storage
    from django.urls import reverse

    from caio_portal.accounts.models import User
    from caio_portal.common.errors import Invalid
    from caio_portal.common.models import StoredFile
    from caio_portal.common.uploads.limits import Refused
    from portfolio.inventory.fitting import better_profile
    from portfolio.inventory.importing import Order, Rejected, examine, import_delivery
    from portfolio.inventory.reading import header_of

    stored = StoredFile.objects.get(pk=run.payload["file"])
    order = Order(**run.payload["order"])
    by = User.objects.filter(pk=run.by_id or 0).first()
    result: dict[str, Any] = {"url": reverse("portfolio:import_job", args=[run.job_id])}
    try:
        with default_storage.open(stored.storage_name) as file:
            delivery = examine(file, order, run.progress)
        if order.dry_run:
            result["better"] = better_profile(order.profile, delivery.header)
        run.progress(len(delivery.rows), len(delivery.rows))
        with run.finishing(result):
            result["report"] = import_delivery(delivery, order, stored, by=by).as_dict()
    except Refused as refused:
        if refused.code == "header":
            with suppress(Refused), default_storage.open(stored.storage_name) as file:
                result["better"] = better_profile(order.profile, header_of(file, order.encoding))
        return result | {"refused": refused.as_dict()}
    except Rejected as rejected:
        return result | {"report": rejected.report.as_dict(), "rejected": rejected.sentence}
    except Invalid as invalid:
        return result | {"refused": {"sentence": invalid.sentence, "code": "changed"}}
    return result


@jobs.handler(LOOK, "Look at an inventory")
def look_at_inventory(run: jobs.Run) -> dict[str, Any] | None:
    """Payload: `file` (key of a stored file), `encoding`. The result says what its columns hold."""
    from django.core.files.storage import default_storage
    from django.urls import reverse

    from caio_portal.common.models import StoredFile
    from caio_portal.common.uploads.limits import Refused
    from portfolio.inventory.columns import look

    stored = StoredFile.objects.get(pk=run.payload["file"])
    result: dict[str, Any] = {"url": reverse("portfolio:map_inventory", args=[run.job_id])}
    try:
        with default_storage.open(stored.storage_name) as file:
            return result | {"look": look(file, run.payload["encoding"], run.progress).model_dump(mode="json")}
    except Refused as refused:
        return result | {"refused": refused.as_dict()}
