"""What governance answers when the apps below ask."""

from caio_portal.accounts import ports as shell
from caio_portal.common import marks
from governance import gates, vendor_panels
from governance.selectors import approvals, documents, previews, whereabouts, work
from governance.selectors.policies import policy_in_force
from governance.services import moves, reviews, tiering
from governance.views import control_tabs, tabs
from portfolio import ports
from vendors import ports as suppliers


def register() -> None:
    """Register every answer; called once, by AppConfig.ready."""
    marks.tier_labels.register(tier_labels)
    ports.facts_changed.register(tiering.tier_changed_facts)
    ports.preview.register(previews.preview)
    ports.previewer.register(previews.previewer)
    ports.gate.register(gates.gate)
    ports.use_case_tabs.register(control_tabs.controls_tab)
    ports.submitted.register(reviews.on_submitted)
    ports.move.register(moves.on_move)
    ports.retired.register(moves.on_retired)
    ports.withdraw.register(reviews.on_withdraw)
    ports.standing.register(approvals.standings)
    ports.whereabouts.register(whereabouts.whereabouts)
    ports.approval_states.register(approvals.approval_states)
    ports.approved_ids.register(approvals.approved_ids)
    ports.use_case_tabs.register(tabs.decisions_tab)
    ports.documents.register(documents.documents)
    shell.my_work.register(work.my_work)
    shell.search.register(work.search)
    suppliers.vendor_panels.register(vendor_panels.incidents_of)
    suppliers.criterion_values.register(vendor_panels.incident_load)


def tier_labels() -> dict[int, str]:
    """The names of the tiers under the policy in force."""
    return {tier.number: tier.name for tier in policy_in_force().tiers}
