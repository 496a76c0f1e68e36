"""Pages about policies and frameworks."""

from datetime import timedelta

from django.http import Http404, HttpResponse

from caio_portal.accounts.access import ANYONE, may_open, policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.access.policies import version_or_404
from governance.forms.policies import PublishForm
from governance.forms.reviews import CommentForm
from governance.frameworks import catalogue
from governance.frameworks.catalogue import NOTICE
from governance.rules import policies as rules
from governance.selectors import readiness as ready
from governance.selectors.policies import policy_of, versions
from governance.selectors.policy_pages import policy_page
from governance.selectors.threads import remarks_on
from governance.selectors.units import chosen_unit, units_of
from governance.views.waivers import waiver_list

DRAFTERS = (Role.CAIO, Role.CAIO_OFFICE, Role.AUDITOR)
READERS = tuple(Role)


@policy(ANYONE)
def policy_list(request: Request) -> HttpResponse:
    """Every version, and what the laws bring in the year to come."""
    shown = [version for version in versions() if version.state != "draft" or _sees_drafts(request)]
    today = clock.today()
    calendar = catalogue().calendar(today - timedelta(days=120), today + timedelta(days=800))
    context = {
        "versions": shown, "calendar": calendar, "today": today, "notice": NOTICE,
        "may_draft": rules.objection_to_draft(request.user) is None,
        "sees_waivers": may_open(request.user, waiver_list),
    }  # fmt: skip
    return render_page(request, "governance/policies.html", context)


@policy(ANYONE)
def policy_detail(request: Request, number: str) -> HttpResponse:
    """Tiers, rules with what they catch, controls and routes of one version."""
    version = version_or_404(number, drafts=_sees_drafts(request))
    page = policy_page(policy_of(version), request.user)
    may_draft = rules.objection_to_draft(request.user) is None
    context = {
        "version": version, "page": page, "frameworks": catalogue().by_id, "notice": NOTICE, "may_draft": may_draft,
        "sees_drafts": _sees_drafts(request), "objection": rules.objection_to_publish(request.user, version),
        "publish_form": PublishForm(today=clock.today()),
        "remarks": list(remarks_on(version)) if _sees_drafts(request) else [],
        "remark_form": CommentForm() if may_draft else None,
    }  # fmt: skip
    return render_page(request, "governance/policy_detail.html", context)


@policy(*READERS)
def readiness(request: Request) -> HttpResponse:
    """Required controls that are met with valid evidence, by framework and by control, of a unit."""
    units = units_of(request.user)
    unit = chosen_unit(units, request.GET.get("unit", ""))
    found = ready.readiness(request.user, unit)
    context = {
        "units": units, "unit": unit, "found": found, "frameworks": ready.by_framework(found), "notice": NOTICE,
    }  # fmt: skip
    return render_page(request, "governance/policy_readiness.html", context)


@policy(*READERS)
def framework_detail(request: Request, framework: str) -> HttpResponse:
    """The items of one framework, each with the controls that answer it and how far these are."""
    known = catalogue().by_id.get(framework)
    if known is None:
        raise Http404("There is no such framework.")
    units = units_of(request.user)
    unit = chosen_unit(units, request.GET.get("unit", ""))
    found = ready.readiness(request.user, unit)
    context = {
        "framework": known, "units": units, "unit": unit, "found": found, "share": found.of(known),
        "lines": ready.item_lines(known, found), "notice": NOTICE, "applying": known.applying(clock.today()),
    }  # fmt: skip
    return render_page(request, "governance/policy_framework.html", context)


def _sees_drafts(request: Request) -> bool:
    return roles_of(request.user).has(*DRAFTERS)
