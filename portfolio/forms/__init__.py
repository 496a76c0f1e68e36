"""What people type about use cases."""

from portfolio.forms.use_cases import (
    CompareForm,
    GuestStartForm,
    InviteForm,
    MoveForm,
    NameForm,
    NewUseCaseForm,
    PersonField,
    PublishForm,
    ReasonForm,
    RemarkForm,
    RetireForm,
    SaveViewForm,
    SeveralForm,
    SourceForm,
    UnitField,
    UseCaseForm,
)
from portfolio.forms.value import CURRENCIES, BenefitForm, CostForm, MonthField

__all__ = [
    "CURRENCIES",
    "BenefitForm",
    "CompareForm",
    "CostForm",
    "GuestStartForm",
    "InviteForm",
    "MonthField",
    "MoveForm",
    "NameForm",
    "NewUseCaseForm",
    "PersonField",
    "PublishForm",
    "ReasonForm",
    "RemarkForm",
    "RetireForm",
    "SaveViewForm",
    "SeveralForm",
    "SourceForm",
    "UnitField",
    "UseCaseForm",
]
