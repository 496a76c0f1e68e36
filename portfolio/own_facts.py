"""Facts of the organisation's own, as this process knows them and as the database does."""

from portfolio.facts import CATALOGUE
from portfolio.intake.declaring import DeclaredFact
from portfolio.models import OwnFact

# The number of the last declaration, for a query of something else.
STAMP = "(SELECT coalesce(max(id), 0) FROM own_fact)"


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
