"""The data files of governance are checked before the portal starts."""

from typing import Any

from django.core.checks import CheckMessage, Error

from caio_portal.common.errors import Invalid
from governance.calendars import shipped as shipped_calendars
from governance.frameworks import Frameworks
from governance.frameworks.catalogue import FOLDER
from governance.frameworks.catalogue import load as load_frameworks
from governance.gates.schema import gates
from governance.policy import SHIPPED, Policy, load


def check_policies(**kwargs: Any) -> list[CheckMessage]:
    """Every shipped policy must be valid."""
    problems: list[CheckMessage] = []
    for path in sorted(SHIPPED.parent.glob("*.toml")):
        try:
            load(path)
        except Invalid as error:
            problems.append(Error(str(error), id="governance.E001"))
    return problems


def check_gates(**kwargs: Any) -> list[CheckMessage]:
    """The requirements of the gates must be valid, those of the office too."""
    try:
        gates()
    except Invalid as error:
        return [Error(str(error), id="governance.E005")]
    return []


def check_calendars(**kwargs: Any) -> list[CheckMessage]:
    """Every shipped calendar must be valid."""
    try:
        shipped_calendars()
    except Invalid as error:
        return [Error(str(error), id="governance.E004")]
    return []


def check_frameworks(**kwargs: Any) -> list[CheckMessage]:
    """The frameworks must be valid, and they and the shipped policy must know each other's names."""
    try:
        frameworks, policy = load_frameworks(FOLDER), load(SHIPPED)
    except Invalid as error:
        return [Error(str(error), id="governance.E002")]
    return [Error(problem, id="governance.E003") for problem in strangers(policy, frameworks)]


def strangers(policy: Policy, frameworks: Frameworks) -> list[str]:
    """Names that a policy and the frameworks use of each other and that do not exist."""
    known = frameworks.by_id
    named = {(f"rule {rule.id}", rule.framework) for rule in policy.rules}
    named |= {(f"control {control.id}", name) for control in policy.controls for name in control.frameworks}
    problems = [f"The {place} names the framework {name}." for place, name in named if name not in known]
    controls = {control.id for control in policy.controls}
    for framework in frameworks.frameworks:
        problems += [f"{framework.id} names the control {name}." for name in framework.controls - controls]
    return sorted(problems)
