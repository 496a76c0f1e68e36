"""Forms whose input a service may still refuse."""

from collections.abc import Callable

from django import forms

from caio_portal.common.errors import Invalid


def taken(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Whether the service took the input; what it refuses stands at its field."""
    if not form.is_valid():
        return False
    try:
        act()
    except Invalid as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    return True
