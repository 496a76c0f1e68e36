import getpass
import json
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from caio_portal.accounts import services
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.common.errors import Invalid


class Command(BaseCommand):
    help = "Open the first account: an administrator of an organisation, who then lets in the others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="how the person is called; else the part before the @")
        parser.add_argument("--organisation", default="Organisation", help="the root of the tree of units")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        password = os.environ.get("ADMINISTRATOR_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_email(email)
            validate_password(password)
            unit = self._create(email, options["name"] or email.split("@")[0], options["organisation"], password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except Invalid as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"email": email, "role": Role.ADMINISTRATOR.value, "unit": unit.name}))

    @transaction.atomic
    def _create(self, email: str, name: str, organisation: str, password: str) -> OrgUnit:
        root = OrgUnit.objects.filter(parent=None, name=organisation).first()
        unit = root or services.create_unit(organisation, by=None)
        user = services.create_user(email, name, by=None, password=password)
        services.grant_role(user, unit, Role.ADMINISTRATOR, by=None)
        return unit
