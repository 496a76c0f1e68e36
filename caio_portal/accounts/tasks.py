"""Mails, each a job of its own: a mail server that is away costs only a later try."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from caio_portal.common import jobs


@jobs.handler("accounts.mail_notice", "Mail")
def mail_notice(run: jobs.Run) -> dict[str, Any]:
    """At least once: the idempotency key goes along as the message's id."""
    from caio_portal.accounts.models import Notice

    notice = Notice.objects.select_related("user").get(pk=run.payload["notice"])
    if not notice.user.is_active or notice.user.kind == "service":
        return {"sent": False}
    body = render_to_string("email/notice.txt", {"notice": notice, "portal": settings.PORTAL_URL})
    headers = {"Message-ID": f"<notice-{notice.pk}@caio-portal>"}
    EmailMessage(notice.text[:120], body, to=[notice.user.email], headers=headers).send()
    return {"sent": True}
