"""The only writers of the portfolio's tables."""

from portfolio.services.answering import Answered, Clash, answer_questions
from portfolio.services.assets import link_asset, retire_asset, save_asset, take_findings, unlink_asset
from portfolio.services.branches import ask_to_join, end_branch, settle_branch
from portfolio.services.editing import edit_use_case, write_facts
from portfolio.services.guests import (
    answer_as_guest,
    begin_as_guest,
    carry_over_as_guest,
    invite_guest,
    revoke_guest_link,
    submit_as_guest,
)
from portfolio.services.light import (
    change_common_use,
    declare_common_use,
    end_common_use,
    end_tool,
    save_tool,
    switch_common_use,
)
from portfolio.services.moving import (
    discard_use_case,
    pause_use_case,
    record_move,
    resume_use_case,
    retire_use_case,
    settle_retirement_duty,
)
from portfolio.services.naming import name_person, remove_person
from portfolio.services.priorities import weigh
from portfolio.services.questionnaires import (
    carry_over,
    draft_questionnaire,
    plan_questionnaire,
    publish_questionnaire,
    write_questionnaire,
)
from portfolio.services.reading import note_reading
from portfolio.services.registering import copy_use_case, register_use_case, report_running_use
from portfolio.services.remarks import make_remark, settle_remark
from portfolio.services.several import act_on_use_cases, edit_use_cases
from portfolio.services.submitting import submit_use_case
from portfolio.services.valuing import record_cost, remove_benefit, remove_cost, state_benefit
from portfolio.services.views import hide_view, save_view

__all__ = [
    "Answered",
    "Clash",
    "act_on_use_cases",
    "answer_as_guest",
    "answer_questions",
    "ask_to_join",
    "begin_as_guest",
    "carry_over",
    "carry_over_as_guest",
    "change_common_use",
    "copy_use_case",
    "declare_common_use",
    "discard_use_case",
    "draft_questionnaire",
    "edit_use_case",
    "edit_use_cases",
    "end_branch",
    "end_common_use",
    "end_tool",
    "hide_view",
    "invite_guest",
    "link_asset",
    "make_remark",
    "name_person",
    "note_reading",
    "pause_use_case",
    "plan_questionnaire",
    "publish_questionnaire",
    "record_cost",
    "record_move",
    "register_use_case",
    "remove_benefit",
    "remove_cost",
    "remove_person",
    "report_running_use",
    "resume_use_case",
    "retire_asset",
    "retire_use_case",
    "revoke_guest_link",
    "save_asset",
    "save_tool",
    "save_view",
    "settle_branch",
    "settle_remark",
    "settle_retirement_duty",
    "state_benefit",
    "submit_as_guest",
    "submit_use_case",
    "switch_common_use",
    "take_findings",
    "unlink_asset",
    "weigh",
    "write_facts",
    "write_questionnaire",
]
