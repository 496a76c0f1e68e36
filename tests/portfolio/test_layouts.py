"""The other ways to arrange the list of use cases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from portfolio import worth
from portfolio.layouts.timeline import spans
from portfolio.models import MoveKind, StageMove, UseCase
from portfolio.stages import Stage
from tests.factories import bring, make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
LIST = "/use-cases/"
LAYOUTS = ("board", "matrix", "timeline", "tree")


@pytest.fixture
def unit():
    return make_unit("Insurance")


@pytest.fixture
def portfolio(unit):
    claims = make_unit("Claims", unit)
    chat = make_use_case("Chat", unit=claims, tier=3, stage=Stage.PILOT)
    code = make_use_case("Code", unit=unit, tier=1, stage=Stage.PRODUCTION)
    make_use_case("Row", unit=claims, source="import", stage=None)
    bring(chat, 1_200_000)
    bring(code, 20_000, period="month")
    return claims


def shown(user, query):
    response = signed_in(user).get(f"{LIST}?{query}")
    assert response.status_code == 200
    return response


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rows", [1, 3])
def test_layout_query_count(office, unit, layout, rows, django_assert_max_num_queries):
    owner = make_person()
    for number in range(rows):
        bring(make_use_case(unit=unit, owner=owner, tier=number + 1), 5)
    client = signed_in(office)
    client.get(f"{LIST}?view={layout}")

    with django_assert_max_num_queries(12):  # the ten of the list, and at most two of the layout
        client.get(f"{LIST}?view={layout}")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_keeps_search_and_filters(office, portfolio, layout):
    page = shown(office, f"view={layout}&tier=3").content.decode()

    assert "Chat" in page
    assert "Code" not in page
    assert '<input type="hidden" name="view" value="' + layout in page


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_of_nothing_says_so(office, portfolio, layout):
    assert "Nothing matches" in shown(office, f"view={layout}&q=zebra").content.decode()


def test_an_unknown_layout_is_the_list(office, portfolio):
    assert len(shown(office, "view=cube").context["table"].rows) == 3


def test_layout_alone_for_htmx(office, portfolio):
    response = signed_in(office).get(f"{LIST}?view=board", headers={"hx-request": "true", "hx-target": "use-cases"})

    assert response.content.strip().startswith(b'<section class="list" id="use-cases"')


def test_export_from_a_layout_is_that_of_the_list(office, portfolio):
    response = signed_in(office).get(f"{LIST}?view=board&tier=3&col=stage&format=csv")

    assert b"".join(response.streaming_content).decode("utf-8-sig") == '"Use case","Stage"\r\n"Chat","Pilot"\r\n'


def test_board_has_a_column_for_each_stage(office, portfolio):
    board = shown(office, "view=board").context["board"]

    assert [(column.stage, column.total, [card.use_case.title for card in column.cards]) for column in board] == [
        (None, 1, ["Row"]), (Stage.IDEA, 0, []), (Stage.EXPERIMENT, 0, []), (Stage.PILOT, 1, ["Chat"]),
        (Stage.PRODUCTION, 1, ["Code"]), (Stage.RETIRED, 0, []),
    ]  # fmt: skip
    assert board[3].url == f"{LIST}?stage=pilot"


def test_board_shows_the_first_cards_and_leads_to_the_rest(office, unit):
    for number in range(17):
        make_use_case(f"Use case {number}", unit=unit)

    [column] = [column for column in shown(office, "view=board&sort=title").context["board"] if column.total]

    assert (column.total, len(column.cards), column.more) == (17, 15, 2)
    assert column.cards[1].use_case.title == "Use case 1"


def test_board_marks_what_stays_too_long(office, unit):
    make_use_case("Stuck", unit=unit, stage=Stage.PILOT, stage_since=clock.now() - timedelta(days=200))

    assert "20 days over the usual time" in shown(office, "view=board").content.decode()


def test_matrix_counts_and_names(office, portfolio):
    matrix = shown(office, "view=matrix").context["matrix"]

    found = {
        (row.label, number): (cell.total, [each.title for each, _ in cell.named], cell.shade)
        for row in matrix.rows
        for (number, _), cell in zip(matrix.tiers, row.cells, strict=True)
        if cell.total
    }
    assert found == {
        ("1 to 10 million", 3): (1, ["Chat"], 4),
        ("100,000 to 1 million", 1): (1, ["Code"], 5),
        ("Not stated", 0): (1, [], 0),
    }
    assert (matrix.stated, matrix.total) == (2, 3)


@pytest.mark.parametrize(("bands", "expected"), [
    ("value=large", ["Chat"]),
    ("value=medium", ["Code"]),
    ("value=none", ["Row"]),
    ("value=large&value=none", ["Chat", "Row"]),
])  # fmt: skip
def test_the_numbers_of_the_matrix_lead_to_the_list(office, portfolio, bands, expected):
    table = shown(office, bands).context["table"]

    assert sorted(row.title for row in table.rows) == expected
    assert table.total == len(expected)


def test_value_a_year(unit):
    use_case = make_use_case(unit=unit)
    bring(use_case, 30, baseline=50, lower_is_better=True, worth=10, period="month")  # 20 less, 10 each, 12 times
    bring(use_case, 900, value=70, baseline=50, state="measured", period="quarter")  # 20 more, four times
    bring(use_case, 5_000, period="once")
    bring(use_case, 5_000, currency="EUR")
    bring(use_case, 5_000, voided_at=clock.now())

    assert list(worth.yearly()) == [{"use_case": use_case.pk, "a_year": Decimal(2480)}]


FIRST, TODAY = date(2025, 1, 1), date(2025, 8, 20)


def move(after, month, day=1):
    return StageMove(after=after, kind=MoveKind.GATED, moved_at=datetime(2025, month, day, 12, tzinfo=UTC))


def test_spans_tell_the_stage_at_the_end_of_each_month():
    found = spans([move("idea", 2), move("pilot", 5, 3), move("production", 5, 30)], FIRST, 12, TODAY)

    assert [(span.stage, span.months) for span in found] == [(None, 1), ("idea", 3), ("production", 4), (None, 4)]


def test_spans_without_moves_are_empty():
    assert [(span.stage, span.months) for span in spans([], FIRST, 12, TODAY)] == [(None, 12)]


def test_timeline_has_a_row_for_each_use_case(office, unit):
    with clock.at(datetime(2127, 8, 20, tzinfo=UTC)):
        use_case = make_use_case("Chat", unit=unit, stage=Stage.PILOT)
        StageMove.objects.create(use_case=use_case, after="idea", kind="recorded",
                                 moved_at=datetime(2127, 1, 5, tzinfo=UTC))  # fmt: skip
        StageMove.objects.create(use_case=use_case, before="idea", after="pilot", kind="recorded",
                                 moved_at=datetime(2127, 6, 5, tzinfo=UTC))  # fmt: skip
        timeline = shown(office, "view=timeline").context["timeline"]

    assert timeline.quarters[0] == "Q4 2125"
    assert [(span.stage, span.months) for span in timeline.rows[0].spans] == [
        (None, 15), ("idea", 5), ("pilot", 3), (None, 1)
    ]  # fmt: skip


def test_tree_adds_up_what_lies_below(office, unit, portfolio):
    [root] = shown(office, "view=tree").context["tree"].roots

    assert (root.name, root.total, root.running) == ("Insurance", 3, 1)
    assert [row.title for row, _ in root.use_cases] == ["Code"]
    assert [(tier, amount) for tier, _, amount in root.tiers] == [(3, 1), (1, 1), (0, 1)]
    [below] = root.below
    assert (below.name, below.total, sorted(row.title for row, _ in below.use_cases)) == ("Claims", 2, ["Chat", "Row"])


def test_tree_hides_what_the_reader_may_not_see(unit, portfolio):
    UseCase.objects.filter(title="Chat").update(confidential=True)

    [root] = shown(make_person(Role.REQUESTER, unit=unit), "view=tree").context["tree"].roots

    assert root.total == 2
