"""The documents of a use case: attached to answers, read for its models, kept with the controls and decisions."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.urls import reverse

from caio_portal.accounts.models import User
from portfolio import ports
from portfolio.facts import CATALOGUE, Kind
from portfolio.intake.showing import file_url
from portfolio.models import ExternalRow, FactChange, ModelUse, UseCase
from portfolio.ports import Document, UseCaseTab


def tabs(use_case: UseCase, user: User) -> Sequence[UseCaseTab]:
    """The dossier's page of all documents, newest first."""
    context = partial(_context, use_case, user)
    return (UseCaseTab("documents", "Documents", "portfolio/_documents.html", context, position=78),)


def _context(use_case: UseCase, user: User) -> dict[str, Any]:
    found = [each for answers in ports.documents.ask_all(use_case, user) for each in answers]
    dated = sorted(((each.at, at) for at, each in enumerate(found) if each.at), reverse=True)
    return {"documents": [*(found[at] for _, at in dated), *(each for each in found if not each.at)]}


def documents(use_case: UseCase, user: User) -> list[Document]:
    """What the portfolio itself keeps: three queries."""
    return [*_answers(use_case), *_cards(use_case), *_deliveries(use_case)]


def _answers(use_case: UseCase) -> Iterator[Document]:
    """Files and links that were given as answers."""
    stated = {name for name in use_case.facts if (fact := CATALOGUE.get(name)) and fact.kind in (Kind.FILE, Kind.LINK)}
    changes = FactChange.objects.filter(use_case=use_case, fact__in=stated).select_related("by").order_by("pk")
    last = {change.fact: change for change in changes}
    for name in sorted(stated):
        value, change = use_case.facts[name], last.get(name)
        about: dict[str, Any] = {"at": change.recorded_at, "by": str(change.by or "")} if change else {}
        label = CATALOGUE[name].label
        if CATALOGUE[name].kind is Kind.FILE:
            if url := file_url(use_case, value):
                yield Document(value["name"], f"Answer: {label}", url, **about)
        else:
            link = value if isinstance(value, dict) else {"url": str(value)}
            yield Document(link.get("label") or link["url"], f"Answer: {label}", link["url"], **about)


def _cards(use_case: UseCase) -> Iterator[Document]:
    """The files from which its models were read."""
    uses = ModelUse.objects.filter(use_case=use_case, ai_model__card__isnull=False).select_related("ai_model__card")
    for use in uses.order_by("pk"):
        card, model = use.ai_model.card, use.ai_model
        assert card is not None
        yield Document(card.name, f"Card of the model {model}", model.get_absolute_url(), model.changed_at)


def _deliveries(use_case: UseCase) -> Iterator[Document]:
    """The inventories in which it came."""
    rows = ExternalRow.objects.filter(use_case=use_case).select_related("batch__file").order_by("pk")
    for row in rows:
        url = reverse("portfolio:use_case_tab", args=[use_case.ref, "imported"])
        yield Document(row.batch.file.name, f"Inventory, row {row.key}", url, row.batch.finished_at)
