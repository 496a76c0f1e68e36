import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "a long enough sentence")


def test_create_administrator_opens_an_account_for_a_new_organisation(db):
    output = StringIO()

    call_command("create_administrator", "ada@acme.example", name="Ada", organisation="Acme", stdout=output)

    user = User.objects.get(email="ada@acme.example")
    assert user.check_password("a long enough sentence")
    assert roles_of(user).everywhere(Role.ADMINISTRATOR)
    assert json.loads(output.getvalue()) == {"email": "ada@acme.example", "role": "administrator", "unit": "Acme"}


def test_create_administrator_joins_an_organisation_that_is_there(db):
    call_command("create_administrator", "ada@acme.example", organisation="Acme", stdout=StringIO())

    call_command("create_administrator", "bob@acme.example", organisation="Acme", stdout=StringIO())

    assert [unit.name for unit in OrgUnit.objects.all()] == ["Acme"]


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("ada", "a long enough sentence", "Enter a valid email address."),
        ("ada@acme.example", "short", "This password is too short. It must contain at least 12 characters."),
    ],
)
def test_create_administrator_refuses_bad_input(db, monkeypatch, email, password, complaint):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", password)

    with pytest.raises(CommandError, match=complaint):
        call_command("create_administrator", email)

    assert not User.objects.exists()


def test_create_administrator_refuses_an_address_that_is_taken(db):
    call_command("create_administrator", "ada@acme.example", stdout=StringIO())

    with pytest.raises(CommandError, match="There is already an account"):
        call_command("create_administrator", "ada@acme.example")
