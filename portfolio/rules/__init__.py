"""What may be done with use cases, and what a change would do: pure functions over data."""

from portfolio.rules.assets import ASSET_KEEPERS, objection_to_add_asset, objection_to_keep_asset
from portfolio.rules.branches import objection_to_ask, objection_to_end_branch, objection_to_settle_branch
from portfolio.rules.guests import OVER, objection_to_revoke_link, objection_to_upload, objection_to_use_link
from portfolio.rules.light import (
    objection_to_approve_tools,
    objection_to_change_common_use,
    objection_to_declare,
    objection_to_keep_tool,
)
from portfolio.rules.remarks import EXAMINERS, objection_to_remark, objection_to_settle_remark
from portfolio.rules.several import ACTS, Planned, planned, told
from portfolio.rules.standing import (
    OFFICE,
    REGISTRANTS,
    is_office,
    objection_to_discard,
    objection_to_edit,
    objection_to_move,
    objection_to_name_people,
    objection_to_pause,
    objection_to_register,
    objection_to_resume,
    objection_to_retire,
    objection_to_settle_duty,
    objection_to_share_view,
    objection_to_submit,
    objection_to_verify,
    objection_to_weigh,
    objection_to_write_questionnaires,
)

__all__ = [
    "ACTS",
    "ASSET_KEEPERS",
    "EXAMINERS",
    "OFFICE",
    "OVER",
    "REGISTRANTS",
    "Planned",
    "is_office",
    "objection_to_add_asset",
    "objection_to_approve_tools",
    "objection_to_ask",
    "objection_to_change_common_use",
    "objection_to_declare",
    "objection_to_discard",
    "objection_to_edit",
    "objection_to_end_branch",
    "objection_to_keep_asset",
    "objection_to_keep_tool",
    "objection_to_move",
    "objection_to_name_people",
    "objection_to_pause",
    "objection_to_register",
    "objection_to_remark",
    "objection_to_resume",
    "objection_to_retire",
    "objection_to_revoke_link",
    "objection_to_settle_branch",
    "objection_to_settle_duty",
    "objection_to_settle_remark",
    "objection_to_share_view",
    "objection_to_submit",
    "objection_to_upload",
    "objection_to_use_link",
    "objection_to_verify",
    "objection_to_weigh",
    "objection_to_write_questionnaires",
    "planned",
    "told",
]
