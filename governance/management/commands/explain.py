import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.models import Tiering
from governance.policy import evaluate
from governance.policy.explaining import explained
from governance.selectors.approvals import approval_of
from governance.selectors.policies import policy_in_force
from portfolio.models import UseCase


class Command(BaseCommand):
    help = "Why a use case is in its tier, what that asks of it, and how it stands. The last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="UC-…", help="the reference of a use case")

    def handle(self, *args: Any, ref: str, **options: Any) -> None:
        use_case = UseCase.objects.select_related("unit").filter(ref__iexact=ref.strip()).first()
        if use_case is None:
            raise CommandError(f"No use case is called {ref}.")
        policy = policy_in_force()
        view = approval_of(use_case)
        since = Tiering.objects.filter(use_case=use_case).order_by("-pk").values_list("at", flat=True).first()
        found = {
            "use_case": use_case.ref,
            "title": use_case.title,
            "unit": use_case.unit.name,
            "stage": use_case.stage,
            "tiered_at": since and since.isoformat(),
            "approval": view
            and {
                "standing": view.standing.value,
                "up_to_stage": view.stage.value,
                "valid_until": view.approval.valid_until.isoformat(),
            },
            **explained(policy, evaluate(policy, use_case.facts)),
            "facts": use_case.facts,
        }
        self.stdout.write(json.dumps(found, ensure_ascii=False))
