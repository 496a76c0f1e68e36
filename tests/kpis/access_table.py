"""Who may open what: the truth that the declared policies are compared with."""

from datetime import date
from typing import Any

from caio_portal.accounts.access import PUBLIC
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis.models import BatchState, Feed, FeedBatch, KpiNote
from kpis.services import feeds
from tests.factories import make_person, make_unit
from tests.kpis.definitions import publish_own_measure
from tests.kpis.factories import make_alert, make_feed, make_file, make_objective

VIEWERS = set(Role) - {Role.REQUESTER, Role.ADMINISTRATOR}
KEEPERS = {Role.CAIO, Role.CAIO_OFFICE}
READERS = KEEPERS | {Role.AUDITOR}


def name_kpi(unit, user):
    return {"key": "training_completion"}


def make_feed_of(unit, user):
    return {"pk": make_feed(unit).pk}


def make_retired_feed_of(unit, user):
    feed = make_feed(unit)
    Feed.objects.filter(pk=feed.pk).update(retired_at=clock.now())
    return {"pk": feed.pk}


def make_batch_of(unit, user):
    file = make_file("date,measure,num,den\n2026-09-01,training,1,2\n")
    return {"pk": feeds.load_file(make_feed(unit).pk, file, by=None).batches[0].pk}


def make_withdrawn_batch_of(unit, user):
    pk = make_batch_of(unit, user)["pk"]
    FeedBatch.objects.filter(pk=pk).update(state=BatchState.WITHDRAWN, ended_at=clock.now())
    return {"pk": pk}


def make_alert_of(unit, user):
    return {"pk": make_alert(unit, feed=make_feed(unit)).pk}


def make_unmatched_of(unit, user):
    feed = make_feed(unit, kind="focus", mapping={"rules": [{"when": {"ServiceName": "x"}, "unit": unit.name}]})
    header = "BillingAccountId,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost"
    loaded = feeds.load_file(feed.pk, make_file(f"{header}\na,2026-09-01,2026-09-01,5,5\n"), by=None)
    return {"pk": loaded.batches[0].unmatched.get().pk}


def make_rule_of(unit, user):
    feed = make_feed(unit, kind="focus", mapping={"rules": [{"when": {"ServiceName": "x"}, "unit": unit.name}]})
    return {"pk": feed.pk, "number": 0}


def make_note_of(unit, user):
    note = KpiNote.objects.create(
        kpi="training_completion", unit=unit, month=date(2026, 9, 1), text="Why", written_by=user or make_person()
    )
    return {"pk": note.pk}


def make_objective_of(unit, user):
    return {"pk": make_objective(unit, owner=user).pk}


def make_own_measure(unit, user):
    publish_own_measure(make_person(Role.CAIO_OFFICE, unit=make_unit()))
    return {"key": "prompts_kept"}


WHO_MAY: dict[str, Any] = {
    "kpis:definition_list": VIEWERS,
    "kpis:definition_detail": VIEWERS,
    "kpis:add_definition": KEEPERS,
    "kpis:edit_definition": KEEPERS,
    "kpis:retire_definition": KEEPERS,
    "kpis:measure_list": VIEWERS,
    "kpis:add_measure": KEEPERS,
    "kpis:edit_measure": KEEPERS,
    "kpis:scorecard": VIEWERS,
    "kpis:kpi_detail": VIEWERS,
    "kpis:export_kpi": VIEWERS,
    "kpis:alert_list": VIEWERS,
    "kpis:alert_detail": VIEWERS,
    "kpis:acknowledge_alert": VIEWERS,
    "kpis:mute_alert": VIEWERS,
    "kpis:link_incident": VIEWERS,
    "kpis:ask_rereview": KEEPERS,
    "kpis:allocation": READERS,
    "kpis:allocate": KEEPERS,
    "kpis:remove_rule": KEEPERS,
    "kpis:read_again": KEEPERS,
    "kpis:kpi_rows": VIEWERS,
    "kpis:annotate": VIEWERS,
    "kpis:remove_note": VIEWERS,
    "kpis:objective_list": VIEWERS,
    "kpis:objective_detail": VIEWERS,
    "kpis:add_objective": KEEPERS,
    "kpis:edit_objective": VIEWERS,
    "kpis:add_key_result": VIEWERS,
    "kpis:review_objective": VIEWERS,
    "kpis:pull_now": KEEPERS,
    "kpis:budget": VIEWERS,
    "kpis:set_target": KEEPERS,
    "kpis:set_budget": KEEPERS,
    "kpis:feed_list": READERS,
    "kpis:feed_detail": READERS,
    "kpis:batch_detail": READERS,
    "kpis:download_batch": READERS,
    "kpis:feed_schema": READERS,
    "kpis:make_token": KEEPERS,
    "kpis:push_file": PUBLIC,
    "kpis:add_feed": KEEPERS,
    "kpis:edit_feed": KEEPERS,
    "kpis:retire_feed": KEEPERS,
    "kpis:resume_feed": KEEPERS,
    "kpis:try_file": KEEPERS,
    "kpis:load_file": KEEPERS,
    "kpis:withdraw_batch": KEEPERS,
    "kpis:try_again": KEEPERS,
}
OBJECTS = {
    "kpis:definition_detail": name_kpi,
    "kpis:edit_definition": name_kpi,
    "kpis:retire_definition": name_kpi,
    "kpis:edit_measure": make_own_measure,
    "kpis:pull_now": make_feed_of,
    "kpis:objective_detail": make_objective_of,
    "kpis:edit_objective": make_objective_of,
    "kpis:add_key_result": make_objective_of,
    "kpis:review_objective": make_objective_of,
    "kpis:kpi_rows": name_kpi,
    "kpis:annotate": name_kpi,
    "kpis:remove_note": make_note_of,
    "kpis:allocate": make_unmatched_of,
    "kpis:remove_rule": make_rule_of,
    "kpis:read_again": make_feed_of,
    "kpis:alert_detail": make_alert_of,
    "kpis:acknowledge_alert": make_alert_of,
    "kpis:mute_alert": make_alert_of,
    "kpis:link_incident": make_alert_of,
    "kpis:ask_rereview": make_alert_of,
    "kpis:kpi_detail": name_kpi,
    "kpis:export_kpi": name_kpi,
    "kpis:set_target": name_kpi,
    "kpis:feed_detail": make_feed_of,
    "kpis:edit_feed": make_feed_of,
    "kpis:retire_feed": make_feed_of,
    "kpis:resume_feed": make_retired_feed_of,
    "kpis:feed_schema": make_feed_of,
    "kpis:make_token": make_feed_of,
    "kpis:push_file": make_feed_of,
    "kpis:try_file": make_feed_of,
    "kpis:load_file": make_feed_of,
    "kpis:withdraw_batch": make_batch_of,
    "kpis:try_again": make_withdrawn_batch_of,
    "kpis:batch_detail": make_batch_of,
    "kpis:download_batch": make_batch_of,
}
# The definitions belong to everybody; whose figures a page shows is limited to the units of the person.
# A push asks for the feed's token, whoever is signed in, and answers 401 alike for feeds that are not there.
EVERYBODYS = {"kpis:kpi_detail", "kpis:export_kpi", "kpis:set_target", "kpis:push_file",
               "kpis:kpi_rows", "kpis:annotate", "kpis:definition_detail", "kpis:edit_definition",
               "kpis:retire_definition", "kpis:edit_measure"}  # fmt: skip
