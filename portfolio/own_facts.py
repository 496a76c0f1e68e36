"""Facts of the organisation's own, as this process knows them and as the database does."""

from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce

from portfolio.facts import CATALOGUE
from portfolio.intake.declaring import DeclaredFact
from portfolio.models import OwnFact


def stamp() -> Coalesce:
    """The number of the last declaration, for a query of something else."""
    return Coalesce(Subquery(OwnFact.objects.order_by("-pk").values("pk")[:1]), Value(0))


def told(number: int) -> None:
    """Another process may have published meanwhile: then the declarations are read again."""
    if number != CATALOGUE.number:
        read()


def read() -> None:
    """Learn every declaration. One query."""
    rows = list(OwnFact.objects.order_by("pk").values_list("name", "document", "pk"))
    CATALOGUE.keep(
        {name: DeclaredFact.model_validate(document).fact(name) for name, document, _ in rows},
        max((pk for _, _, pk in rows), default=0),
    )
