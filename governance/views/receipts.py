"""What proves a decision to somebody who does not trust the portal."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.http import Request
from governance import receipts
from governance.access.reviews import review_or_404
from governance.models import Decision


@policy(ANYONE)
@require_GET
def download_receipt(request: Request, ref: str) -> HttpResponse:
    """The signed receipt of the decision, as `caio_portal.audit.verify_receipt` reads it."""
    review = review_or_404(request.user, ref)
    decision = get_object_or_404(Decision, review=review)
    return _download(receipts.file_of(decision), f"{review.ref}-receipt.json", "application/json")


@policy(ANYONE)
@require_GET
def receipt_key(request: Request) -> HttpResponse:
    """The public key with which receipts are checked; an auditor keeps it apart from them."""
    return _download(f"{receipts.public_key()}\n", "receipt-key.txt", "text/plain")


def _download(content: str, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
