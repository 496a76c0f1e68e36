"""Returning a review to its team, with remarks at its answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.access.reviews import review_or_404
from governance.forms.returning import ReturnForm
from governance.forms.saving import taken
from governance.rules import reviews as rules
from governance.services import reviews
from portfolio.intake.pages import answers_in_words
from portfolio.intake.versions import asked_of
from portfolio.rules import objection_to_remark
from portfolio.selectors import open_remarks
from portfolio.services import note_reading


@policy(ANYONE, methods=("GET", "POST"))
def return_review(request: Request, ref: str) -> HttpResponse:
    """Every answer once more, with room for a remark at each."""
    review = review_or_404(request.user, ref)
    note_reading(review.use_case, by=request.user)
    objection = rules.objection_to_return(request.user, review, review.votes.exists())
    require(objection if request.method == "POST" else None)
    sections = answers_in_words(review.use_case, asked_of(review.use_case)[1])
    may_remark = objection_to_remark(request.user, review.use_case) is None
    facts = [line["question"].fact for _, _, lines in sections for line in lines] if may_remark else []
    form = ReturnForm(request.POST or None, facts=facts)

    def act() -> None:
        reason, remarks = form.cleaned_data["reason"], form.remarks()
        reviews.return_review(review.pk, reason, by=request.user, remarks=remarks)

    if request.method == "POST" and taken(form, act):
        messages.success(request, "The review is returned to its team.")
        return redirect(review)
    known = open_remarks(review.use_case)
    for _, _, lines in sections:
        for line in lines:
            line |= {"field": form.at(line["question"].fact), "remarks": known.get(line["question"].fact, ())}
    context = {"review": review, "form": form, "sections": sections, "objection": objection}
    return render_page(request, "governance/return_review.html", context, status=422 if form.errors else 200)
