"""Who may open what: the truth that the declared policies are compared with."""

from datetime import date, timedelta
from typing import Any

from caio_portal.accounts.access import ANYONE, PUBLIC
from caio_portal.accounts.roles import Role
from caio_portal.common import clock, files
from caio_portal.common.models import Job
from portfolio.guest_tokens import token_of
from portfolio.intake.questionnaire import load
from portfolio.models import (
    Benefit,
    Branch,
    CommonUse,
    CostLine,
    FactChange,
    GuestLink,
    ImportBatch,
    PublicRegister,
    QuestionnaireVersion,
    Remark,
    RetirementDuty,
    SavedView,
    Tool,
    UseCasePerson,
)
from tests.factories import make_person, make_unit, make_use_case
from tests.portfolio import asset_access


def use_case_of(unit, user) -> Any:
    return make_use_case(unit=unit, requester=user or make_person())


def make(unit, user):
    return {"ref": use_case_of(unit, user).ref}


def make_tab(unit, user):
    return {**make(unit, user), "tab": "history"}


def make_section(unit, user):
    return {**make(unit, user), "section": "purpose"}


def make_named(unit, user):
    use_case = use_case_of(unit, user)
    return {"ref": use_case.ref, "pk": UseCasePerson.objects.create(use_case=use_case, user=make_person()).pk}


def make_cost(unit, user):
    use_case = use_case_of(unit, user)
    line = CostLine.objects.create(
        use_case=use_case, month=date(2026, 1, 1), category="people", kind="actual", amount=1, currency="USD"
    )
    return {"ref": use_case.ref, "pk": line.pk}


def make_benefit(unit, user):
    use_case = use_case_of(unit, user)
    return {"ref": use_case.ref, "pk": Benefit.objects.create(use_case=use_case, metric="m", uom="x", period="once").pk}


def make_remark(unit, user):
    use_case = use_case_of(unit, user)
    remark = Remark.objects.create(use_case=use_case, fact="purpose", text="For whom?", by=make_person())
    return {"ref": use_case.ref, "pk": remark.pk}


def make_duty(unit, user):
    use_case = use_case_of(unit, user)
    return {"ref": use_case.ref, "pk": RetirementDuty.objects.create(use_case=use_case, duty="data").pk}


def make_view(unit, user):
    number = SavedView.objects.count()
    return {"pk": SavedView.objects.create(user=user or make_person(), name=f"View {number}").pk}


def make_batch(unit, user):
    stored = files.store("list.csv", b"x", "text/csv")
    return {"pk": ImportBatch.objects.create(profile="plain", unit=unit, file=stored, sha256="", state="done").pk}


def make_import(unit, user):
    order = {"profile": "plain", "unit": unit.name}
    key = str(Job.objects.count())
    payload = {"file": files.store("list.csv", b"x", "text/csv").pk, "order": order}
    job = Job.objects.create(kind="inventory.import", idem_key=key, payload=payload, requested_by=user and user.pk)
    return {"pk": job.pk}


def make_look(unit, user):
    payload = {"file": files.store("list.csv", b"x", "text/csv").pk, "encoding": ""}
    job = Job.objects.create(
        kind="inventory.look", idem_key=str(Job.objects.count()), payload=payload, requested_by=user and user.pk
    )
    return {"pk": job.pk}


def shipped_profile(unit, user):
    return {"key": "plain"}


def make_register(unit, user, **fields):
    slug = f"register-{PublicRegister.objects.count()}"
    return PublicRegister.objects.create(slug=slug, unit=unit, title="Register", stages=["production"], **fields)


def kept_register(unit, user):
    return {"pk": make_register(unit, user).pk}


def open_register(unit, user):
    return {"slug": make_register(unit, user, opened_at=clock.now()).slug}


def make_tool(unit, user):
    by = user or make_person()
    name = f"Tool {Tool.objects.count()}"
    return Tool.objects.create(
        name=name, unit=unit, terms="No secrets.", approved_on=date(2026, 1, 1), review_on=date(2040, 1, 1), by=by
    )


def some_tool(unit, user):
    return {"pk": make_tool(unit, user).pk}


def some_common_use(unit, user):
    by, product = user or make_person(), f"Product {CommonUse.objects.count()}"
    fields = {"users": 3, "settle_by": date(2040, 1, 1), "by": by}
    return {"pk": CommonUse.objects.create(unit=unit, use="g", product=product, **fields).pk}


def some_switch(unit, user):
    return {**some_common_use(unit, user), "tool": make_tool(unit, user).pk}


def make_guest_link(unit, user, *, begun=False):
    guest = make_person()
    fields = {"use_case": use_case_of(unit, guest)} if begun else {}
    expires = clock.now() + timedelta(days=1)
    return GuestLink.objects.create(unit=unit, guest=guest, by=user or make_person(), expires_at=expires, **fields)


def kept_guest_link(unit, user):
    return {"pk": make_guest_link(unit, user).pk}


def sent_guest_link(unit, user):
    return {"token": token_of(make_guest_link(unit, user))}


def begun_guest_link(unit, user):
    return {"token": token_of(make_guest_link(unit, user, begun=True))}


def begun_guest_section(unit, user):
    return {**begun_guest_link(unit, user), "section": "purpose"}


def make_branch(unit, user):
    use_case, asker = use_case_of(unit, user), make_person()
    branch = Branch.objects.create(use_case=use_case, unit=make_unit(), purpose="The same.", asked_by=asker)
    return {"ref": use_case.ref, "pk": branch.pk}


def with_file(use_case):
    stored = files.store("card.txt", b"What it is for.", "text/plain")
    value = {"file": str(stored.uuid), "name": stored.name, "size": stored.size, "sha256": stored.sha256}
    FactChange.objects.create(use_case=use_case, fact="vendor_document", value=value, source="answer")
    return stored.uuid


def make_answer_file(unit, user):
    use_case = use_case_of(unit, user)
    return {"ref": use_case.ref, "uuid": with_file(use_case)}


def begun_guest_file(unit, user):
    link = make_guest_link(unit, user, begun=True)
    return {"token": token_of(link), "uuid": with_file(link.use_case)}


def some_questionnaire(unit, user):
    number = f"draft {QuestionnaireVersion.objects.count()}"
    document = {**load().model_dump(mode="json", by_alias=True, exclude_none=True), "number": number}
    return {"pk": QuestionnaireVersion.objects.create(name="intake", number=number, document=document).pk}


OFFICE = {Role.CAIO, Role.CAIO_OFFICE}
READERS = OFFICE | {Role.AUDITOR}
BATCHES = dict.fromkeys(
    ("batch_detail", "download_batch_file", "download_batch_report", "withdraw_batch"), make_batch
)  # fmt: skip
IMPORTS = dict.fromkeys(("import_job", "continue_import", "download_import_report", "look_again"), make_import)
IMPORTS["map_inventory"] = make_look
PROFILES = dict.fromkeys(("portfolio:profile_detail", "portfolio:download_profile"), shipped_profile)
INVENTORY = {f"portfolio:{name}": make for name, make in {**BATCHES, **IMPORTS}.items()}
KEPT_REGISTERS = {f"portfolio:{name}": kept_register for name in ("edit_register", "open_register", "close_register")}
OPEN_REGISTERS = {f"portfolio:{name}": open_register for name in ("register_page", "register_feed", "register_data")}
TOOLS = {f"portfolio:{name}": some_tool for name in ("edit_tool", "end_tool")}
COMMON_USES = {
    f"portfolio:{name}": some_common_use for name in ("common_use_detail", "change_common_use", "end_common_use")
} | {"portfolio:switch_common_use": some_switch, "portfolio:tool_detail": some_tool}
QUESTIONNAIRES = {
    f"portfolio:{name}": some_questionnaire
    for name in ("questionnaire_detail", "try_questionnaire", "write_questionnaire", "publish_questionnaire")
}
GUESTS = {
    "portfolio:guest_start": sent_guest_link,
    "portfolio:guest_check": begun_guest_link,
    "portfolio:guest_carry_over": begun_guest_link,
    "portfolio:guest_section": begun_guest_section,
    "portfolio:guest_file": begun_guest_file,
}
REGISTRANTS = {Role.REQUESTER, Role.OWNER, Role.CAIO, Role.CAIO_OFFICE}
OBJECTS = {
    **{
        f"portfolio:{name}": make
        for name in (
            "use_case_detail", "similar_to_use_case", "edit_use_case", "move_use_case",
            "pause_use_case", "resume_use_case", "retire_use_case",
            "withdraw_use_case", "discard_use_case", "name_person", "record_cost", "state_benefit",
            "intake_resume", "intake_check", "submit_use_case", "what_would_lower", "compare_dates",
        )
    },
    "portfolio:use_case_tab": make_tab,
    "portfolio:intake_section": make_section,
    "portfolio:remove_person": make_named,
    "portfolio:remove_cost": make_cost,
    "portfolio:edit_benefit": make_benefit,
    "portfolio:remove_benefit": make_benefit,
    "portfolio:make_remark": make,
    "portfolio:settle_retirement_duty": make_duty,
    "portfolio:carry_over": make,
    "portfolio:settle_remark": make_remark,
    "portfolio:hide_view": make_view,
    "portfolio:copy_use_case": make,
    "portfolio:ask_to_join": make,
    "portfolio:settle_branch": make_branch,
    "portfolio:end_branch": make_branch,
    "portfolio:answer_file": make_answer_file,
}  # fmt: skip
WHO_MAY: dict[str, Any] = {
    **dict.fromkeys(OBJECTS, ANYONE),
    "portfolio:copy_use_case": REGISTRANTS,
    "portfolio:ask_to_join": REGISTRANTS,
    **dict.fromkeys(INVENTORY, OFFICE),
    "portfolio:batch_list": READERS,
    "portfolio:batch_detail": READERS,
    "portfolio:download_batch_file": READERS,
    "portfolio:download_batch_report": READERS,
    "portfolio:inventory_readiness": READERS,
    "portfolio:export_inventory": READERS,
    "portfolio:download_blanks": READERS,
    "portfolio:upload_inventory": OFFICE,
    "portfolio:register_list": READERS,
    "portfolio:new_register": OFFICE,
    **dict.fromkeys(KEPT_REGISTERS, OFFICE),
    **dict.fromkeys(OPEN_REGISTERS, PUBLIC),
    "portfolio:profile_list": READERS,
    **dict.fromkeys(PROFILES, READERS),
    **dict.fromkeys(TOOLS, OFFICE),
    **dict.fromkeys(COMMON_USES, ANYONE),
    **dict.fromkeys(("portfolio:common_use_list", "portfolio:export_common_uses", "portfolio:tool_list"), ANYONE),
    "portfolio:declare_common_use": REGISTRANTS,
    **dict.fromkeys(QUESTIONNAIRES, OFFICE),
    "portfolio:questionnaire_list": READERS,
    "portfolio:questionnaire_schema": READERS,
    "portfolio:questionnaire_detail": READERS,
    "portfolio:try_questionnaire": READERS,
    "portfolio:draft_questionnaire": OFFICE,
    **dict.fromkeys(GUESTS, PUBLIC),
    **dict.fromkeys(("portfolio:priority_list", "portfolio:stop_list"), ANYONE),
    "portfolio:weigh": OFFICE,
    "portfolio:guest_links": REGISTRANTS,
    "portfolio:revoke_guest_link": REGISTRANTS,
    "portfolio:report_running_use": REGISTRANTS,
    "portfolio:new_tool": OFFICE,
    "portfolio:use_case_list": ANYONE,
    "portfolio:save_view": ANYONE,
    "portfolio:intake_new": REGISTRANTS,
    "portfolio:change_several": REGISTRANTS,
    "portfolio:similar_use_cases": REGISTRANTS,
    "portfolio:names_like": ANYONE,
}
SEES_ALL = dict.fromkeys({**INVENTORY, **KEPT_REGISTERS}, READERS)
OBJECTS["portfolio:names_like"] = lambda unit, user: {"fact": "overseer"}
OBJECTS |= INVENTORY | PROFILES | KEPT_REGISTERS | OPEN_REGISTERS | TOOLS | COMMON_USES | GUESTS | QUESTIONNAIRES
OBJECTS["portfolio:revoke_guest_link"] = kept_guest_link
OBJECTS |= asset_access.OBJECTS
WHO_MAY |= asset_access.WHO_MAY
EVERYBODYS = {"portfolio:names_like", *asset_access.EVERYBODYS, *PROFILES, *OPEN_REGISTERS, *GUESTS, *QUESTIONNAIRES}
