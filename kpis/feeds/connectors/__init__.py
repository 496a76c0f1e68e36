"""One module per kind of document: each turns what it finds into sightings, and knows the traps of its kind."""

from collections.abc import Mapping

from kpis.feeds.connectors import evaluations, gateway, people, prometheus, providers, tickets, traces
from kpis.feeds.documents import Connector

CONNECTORS: Mapping[str, Connector] = {
    "litellm": gateway.read,
    "provider": providers.read,
    "prometheus": prometheus.read,
    "promptfoo": evaluations.promptfoo,
    "inspect": evaluations.inspect,
    "garak": evaluations.garak,
    "traces": traces.read,
    "tickets": tickets.read,
    "external": tickets.read_external,
    "roster": people.roster,
    "training": people.training,
    "survey": people.survey,
}
# What a feed's mapping may name as its measure, and the one that it is without.
MEASURES: Mapping[str, tuple[str, ...]] = {
    "promptfoo": ("golden_set", "incorrect_by_judge", "incorrect_answers", "redteam_violations"),
    "inspect": ("golden_set", "incorrect_by_judge", "incorrect_answers", "redteam_violations"),
    "survey": ("enps_responses", "satisfaction"),
}
