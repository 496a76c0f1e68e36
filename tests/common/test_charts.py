from xml.etree import ElementTree

import pytest

from caio_portal.common.charts import Axis, Chart, Mark, Series, plotly, small, svg
from caio_portal.common.charts.scale import Scale, number, ticks
from caio_portal.common.styleguide import samples

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = [samples.bubble(), samples.stack(), samples.line(), samples.bars(), samples.bars_target(), samples.nothing()]
DRAWN = pytest.mark.parametrize("chart", CHARTS, ids=[chart.id for chart in CHARTS])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 64, [0, 20, 40, 60, 80]),
        (20, 100, [20, 40, 60, 80, 100]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (-3, 9, [-5, 0, 5, 10]),
    ],
)
def test_ticks(low, high, expected):
    assert ticks(low, high) == expected


def test_scale_of_one_value_does_not_divide_by_zero():
    assert Scale(5, 5, 0, 100)(5) == 0


def test_numbers():
    assert [number(value) for value in (1234.5, 12, 12.5, 0.25)] == ["1,234", "12", "12.5", "0.25"]


@DRAWN
@pytest.mark.parametrize("draw", [svg.on_page, lambda chart: svg.on_page(chart, narrow=True), svg.on_paper])
def test_every_kind_is_well_formed_and_named(chart, draw):
    root = ElementTree.fromstring(draw(chart))

    assert root.find(f"{SVG}title").text.startswith(chart.title)
    assert "style" not in {name for element in root.iter() for name in element.attrib}
    assert all(float(element.get("width", 0)) >= 0 for element in root.iter(f"{SVG}rect"))


@pytest.mark.parametrize(("value", "corner"), [(18, "bottom"), (1, "top")])
def test_the_name_of_a_zone_makes_way_for_bubbles(value, corner):
    chart = Chart(
        "c", "bubble", "Value", "Words", [Series("High", [24], [value], sizes=[1], labels=["Claims"])],
        x=Axis("Risk", 0, 25), y=Axis("Value", 0, 18), zone_from=10, zone_label="Above the appetite",
    )  # fmt: skip

    root = ElementTree.fromstring(svg.on_page(chart, narrow=True))

    heights = [float(text.get("y")) for text in root.iter(f"{SVG}text") if text.text == chart.zone_label]
    assert len(heights) == 1
    assert (heights[0] > float(root.get("viewBox").split()[3]) / 2) == (corner == "bottom")


@DRAWN
def test_the_page_uses_tokens_and_paper_uses_literals(chart):
    assert "#" not in svg.on_page(chart).replace("url(#", "")
    assert "var(" not in svg.on_paper(chart)


@DRAWN
def test_ids_of_the_two_widths_differ(chart):
    wide, narrow = (ElementTree.fromstring(svg.on_page(chart, narrow=narrow)) for narrow in (False, True))

    ids = [element.get("id") for root in (wide, narrow) for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@DRAWN
def test_the_table_has_a_row_for_every_name(chart):
    data = chart.data()

    names = {name for series in chart.series for name in (series.labels or series.x)}
    assert {row[0] for row in data.rows} == names
    assert all(len(row) == len(data.heads) for row in data.rows)


@DRAWN
def test_plotly_figures_are_plain_json_with_token_names(chart):
    import json

    figure = json.loads(json.dumps(plotly.figure(chart)))

    assert len(figure["data"]) == len(chart.series)
    assert "#" not in json.dumps(figure)


def test_text_from_people_is_escaped():
    chart = Chart("x", "bars", "<b>", "&", [Series("s", ("<script>alert(1)</script>",), (1,))])

    for drawn in (svg.on_page(chart), svg.on_paper(chart), svg.on_page(chart, narrow=True)):
        ElementTree.fromstring(drawn)
        assert "<script" not in drawn
    assert "<" not in str(plotly.figure(Chart("x", "line", "t", "s", [], y=Axis("<b>")))["layout"]["yaxis"])


def test_marks_stand_in_the_picture_the_table_and_the_explorer():
    names = ["Aug", "Sep", "Oct"]
    marks = [Mark(0, "1", "August: <moved>"), Mark(1, "2", "September: x")]
    chart = Chart("c", "line", "Trend", "Words", [Series("Value", names, [1, 2, 3])], marks=marks)

    root = ElementTree.fromstring(svg.on_page(chart))

    assert [text.text for text in root.iter(f"{SVG}text") if text.get("font-size") == "11"] == ["1", "2"]
    assert "August: <moved>" in [title.text for title in root.iter(f"{SVG}title")]
    assert chart.data().heads == ["Period", "Value", "Note"]
    assert [row[-1] for row in chart.data().rows] == ["1", "2", ""]
    layout = plotly.figure(chart)["layout"]
    assert [note["hovertext"] for note in layout["annotations"]] == ["August: ‹moved›", "September: x"]


def test_a_missing_value_is_a_gap():
    chart = Chart("g", "line", "t", "s", [Series("a", "abcde", (1, 2, None, 4, 5))])

    paths = [
        p.get("d") for p in ElementTree.fromstring(svg.on_page(chart)).iter(f"{SVG}path") if p.get("fill") == "none"
    ]

    assert len(paths) == 2
    assert chart.data().rows[2] == ("c", "–")


def test_a_value_between_gaps_is_marked_however_long_the_line_is():
    values = [None] * 20
    values[3] = values[9] = 1.0

    drawn = svg.on_page(Chart("g", "line", "t", "s", [Series("a", [str(n) for n in range(20)], values)]))

    assert drawn.count("a, 3: 1") == drawn.count("a, 9: 1") > 0


def test_the_fifth_tier_is_hatched():
    drawn = svg.on_page(samples.stack())

    assert 'fill="url(#tiers-wide-hatch)"' in drawn


@pytest.mark.parametrize("values", [(), (1,), (None, 3)])
def test_a_sparkline_needs_two_values(values):
    assert small.sparkline(values) == ""


def test_a_sparkline_of_equal_values_is_flat():
    assert "nan" not in small.sparkline((3, 3, 3))


@pytest.mark.parametrize(("value", "target", "scale"), [(50, 80, 100), (150, 80, 100), (-5, None, 100), (0, 0, 0)])
def test_a_bullet_stays_inside(value, target, scale):
    root = ElementTree.fromstring(small.bullet(value, target, scale))

    assert all(0 <= float(rect.get("width")) <= 220 for rect in root.iter(f"{SVG}rect"))


def test_small_charts_on_paper_have_alternative_text():
    assert "<title>Trend from 1 to 3</title>" in small.sparkline((1, 3), theme=svg.PRINT)
    assert "<title>78 against a target of 85</title>" in small.bullet(78, 85, theme=svg.PRINT)
