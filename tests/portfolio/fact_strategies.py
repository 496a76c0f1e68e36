"""Facts and conditions of every kind, for properties that must hold for all of them."""

from hypothesis import strategies as st

from portfolio.facts import CATALOGUE, REFERENCES, Kind

_NAMES = [name for name, fact in CATALOGUE.items() if fact.kind not in {Kind.TEXT, Kind.DATE, Kind.LINK, Kind.FILE}]


def _value(name):
    fact = CATALOGUE[name]
    if fact.kind is Kind.YES_NO:
        return st.booleans()
    if fact.kind is Kind.CHOICE:
        return st.sampled_from(list(fact.choices))
    if fact.kind is Kind.CHOICES:
        return st.lists(st.sampled_from(list(fact.choices)), min_size=1, max_size=3, unique=True)
    if fact.kind in REFERENCES:
        return st.sampled_from(["Acme", {"id": 1, "name": "Chat", "vendor": "ACME"}, {"id": 2, "name": "Other"}])
    if fact.kind is Kind.TABLE:
        rows = st.fixed_dictionaries(
            {"tool": st.just("x"), "access": st.sampled_from(["reads", "spends"])},
            optional={"confirmed": st.booleans()},
        )
        return st.lists(rows, min_size=1, max_size=3)
    amounts = st.sampled_from([0, 10, 999_999, 1_000_000, 5_000_000])
    if fact.kind is Kind.NUMBER:
        return amounts
    parts = {"amount": amounts.map(str), "currency": st.sampled_from(["USD", "EUR"])}
    return st.one_of(amounts, st.fixed_dictionaries(parts))


def facts_of_all_kinds():
    """Any set of facts: each of those that rules may read is known, or is not."""
    return st.fixed_dictionaries({}, optional={name: _value(name) for name in _NAMES})


def _leaf(name):
    fact = CATALOGUE[name]
    if fact.kind is Kind.YES_NO:
        return st.builds(lambda value: {"fact": name, "is": value}, st.booleans())
    if fact.kind in {Kind.NUMBER, Kind.MONEY}:
        return st.builds(lambda value: {"fact": name, "at_least": value}, st.integers(0, 10**7))
    if fact.kind in REFERENCES:
        return st.builds(lambda value: {"fact": name, "named": [value]}, st.sampled_from(["acme", "Chat"]))
    if fact.kind is Kind.TABLE:
        return st.sampled_from([
            {"fact": name, "at_least": 2}, {"fact": name, "column": "access", "some_row": ["spends"]},
            {"fact": name, "column": "confirmed", "some_row": False},
        ])  # fmt: skip
    keys = st.lists(st.sampled_from(list(fact.choices)), min_size=1, max_size=3, unique=True)
    operator = "in" if fact.kind is Kind.CHOICE else "contains"
    return st.builds(lambda chosen: {"fact": name, operator: chosen}, keys)


def conditions():
    """Any condition, nested."""
    leaves = st.sampled_from(_NAMES).flatmap(_leaf)
    return st.recursive(leaves, _groups, max_leaves=8)


def _groups(parts):
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda inner: {"all": inner}, several),
        st.builds(lambda inner: {"any": inner}, several),
        st.builds(lambda inner: {"not": inner}, parts),
        several.flatmap(lambda inner: st.integers(1, len(inner)).map(lambda n: {"count": n, "of": inner})),
    )
