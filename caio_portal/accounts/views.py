"""Home, search, notices, people, and the progress of long work."""

from collections.abc import Callable
from itertools import chain

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from caio_portal.accounts import ports, services
from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import Notice, OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import in_force, roles_of
from caio_portal.common import clock, jobs
from caio_portal.common.errors import NotAllowed
from caio_portal.common.http import Request, next_page
from caio_portal.common.models import Job
from caio_portal.common.pages import render_page

OVERSEERS = (Role.ADMINISTRATOR, Role.CAIO_OFFICE, Role.CAIO, Role.AUDITOR)


@policy(ANYONE)
def home(request: Request) -> HttpResponse:
    """What waits for this person, what they were told, and where they may go."""
    work = sorted(
        chain.from_iterable(ports.my_work.ask_all(request.user)),
        key=lambda entry: (not entry.overdue, entry.due_on is None, entry.due_on or "", entry.title),
    )
    notices = Notice.objects.filter(user=request.user)[:8]
    context = {
        "work": work, "notices": notices, "greeting": _greeting(request.user), "lede": _lede(work),
        "starts_intake": roles_of(request.user).has(Role.REQUESTER, Role.OWNER),
    }  # fmt: skip
    return render_page(request, "accounts/home.html", context)


@policy(ANYONE)
def search(request: Request) -> HttpResponse:
    """Everything with these words that this person may see, by kind."""
    text = request.GET.get("q", "").strip()[:200]
    hits = list(chain.from_iterable(ports.search.ask_all(text, request.user))) if len(text) > 1 else []
    groups: dict[str, list[ports.SearchHit]] = {}
    for hit in hits:
        groups.setdefault(hit.kind, []).append(hit)
    return render_page(request, "accounts/search.html", {"q": text, "groups": groups, "found": len(hits)})


@policy(ANYONE)
def notice_list(request: Request) -> HttpResponse:
    page = Paginator(Notice.objects.filter(user=request.user), 50).get_page(request.GET.get("page"))
    return render_page(request, "accounts/notice_list.html", {"page": page})


@policy(ANYONE, methods=("POST",))
def mark_notices_read(request: Request) -> HttpResponse:
    services.mark_read(request.user)
    return redirect("accounts:notice_list")


@policy(*OVERSEERS)
def people_list(request: Request) -> HttpResponse:
    """Who holds which role for which unit, today."""
    grants = in_force().select_related("user", "unit").order_by("user__name", "unit__path", "role")
    context = {"grants": grants, "people": User.objects.count(), "units": OrgUnit.objects.order_by("path")}
    return render_page(request, "accounts/people_list.html", context)


@policy(ANYONE)
def job_detail(request: Request, pk: int) -> HttpResponse:
    job = _job_or_404(request.user, pk)
    context = {"job": job, "title": jobs.title_of(job.kind), "next_url": (job.result or {}).get("url", "")}
    return render_page(request, "accounts/job_detail.html", context, partials=["job"])


@policy(ANYONE, methods=("POST",))
def cancel_job(request: Request, pk: int) -> HttpResponse:
    return _changed(request, _job_or_404(request.user, pk), jobs.cancel)


@policy(ANYONE, methods=("POST",))
def retry_job(request: Request, pk: int) -> HttpResponse:
    return _changed(request, _job_or_404(request.user, pk), jobs.retry)


def _changed(request: Request, job: Job, change: Callable[[int], Job]) -> HttpResponse:
    """Back to the page that showed the job; it may have gone on while that page was read."""
    try:
        change(job.pk)
    except NotAllowed as late:
        messages.info(request, str(late))
    return redirect(next_page(request, reverse("accounts:job_detail", args=[job.pk])))


def _greeting(user: User) -> str:
    """By the reader's clock."""
    hour = timezone.localtime(clock.now()).hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {user.name.split()[0] if user.name else user.email}"


def _lede(work: list[ports.WorkEntry]) -> str:
    overdue = sum(entry.overdue for entry in work)
    if not work:
        return "You are up to date."
    things = "One thing waits" if len(work) == 1 else f"{len(work)} things wait"
    return f"{things} for you" + (f"; {overdue} overdue." if overdue else ".")


def _job_or_404(user: User, pk: int) -> Job:
    """A person sees the work that they asked for; administrators and the office see all of it."""
    overseer = roles_of(user).has(Role.ADMINISTRATOR, Role.CAIO_OFFICE)
    rows = Job.objects.filter(pk=pk) if overseer else Job.objects.filter(pk=pk, requested_by=user.pk)
    if job := rows.first():
        return job
    raise Http404("There is no such job.")
