import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caio_portal.common.errors import Invalid
from governance.policy import files
from governance.policy.trial import Trial
from governance.selectors.policies import policy_in_force
from governance.selectors.trials import try_policy


class Command(BaseCommand):
    help = "What a policy file would change for all use cases, against the policy in force. The last line is JSON."
    # Checks read the address table and every template: nothing of that is needed to try a policy.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the policy as TOML, as the portal's editor takes it")
        parser.add_argument("--json", action="store_true", help="print the JSON line only")

    def handle(self, *args: Any, file: Path, json: bool, **options: Any) -> None:
        try:
            draft, current = files.load(file), policy_in_force()
        except Invalid as refused:
            self.stdout.write(_line({"error": refused.sentence}))
            raise CommandError(refused.sentence, returncode=1) from None
        began = time.perf_counter()
        trial, _ = try_policy(current, draft, None if json else _tell)
        seconds = round(time.perf_counter() - began, 3)
        if not json:
            self._explain(trial)
        self.stdout.write(_line(figures(trial, seconds)))

    def _explain(self, trial: Trial) -> None:
        self.stdout.write(f"{trial.moved:,} of {trial.use_cases:,} use cases would move tier.")
        for move in trial.moves:
            self.stdout.write(f"  {_tier(move.before)} to {_tier(move.after)}: {move.use_cases:,}")
        for kind, effects in (("Rule", trial.rules), ("Control", trial.controls)):
            for effect in effects:
                counts = f"{_count(effect.before)} to {_count(effect.after)}"
                self.stdout.write(f"{kind} {effect.key}, {effect.title}: {counts}")
        self.stdout.write(f"Publication would open {trial.reviews_opened:,} reviews.")


def figures(trial: Trial, seconds: float) -> dict[str, Any]:
    """The JSON line: use_cases, seconds, moved, moves by tier (before, then after), and what else changes."""
    rest = trial.model_dump(mode="json", exclude={"use_cases", "moved", "moves"})
    return {
        "use_cases": trial.use_cases, "seconds": seconds, "moved": trial.moved, "moves": trial.moves_by_tier,
        "reviews_opened": trial.reviews_opened, **rest,
    }  # fmt: skip


def _tier(number: int | None) -> str:
    return "not yet known" if number is None else f"tier {number}"


def _count(number: int | None) -> str:
    return "not there" if number is None else f"{number:,}"


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"{done:,} of {total:,} use cases\n")


def _line(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False)
