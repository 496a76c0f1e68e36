"""The tags of the component library; a template builtin, so no page loads it. /styleguide/ shows each in use."""

from datetime import date, datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from caio_portal.common import assets, clock, marks, parts, words
from caio_portal.common.charts import Chart, html, plotly, small, svg
from caio_portal.common.tables import Table
from caio_portal.common.tables.boxes import choices

register = template.Library()

# Marks and words that repeat inside rows: plain functions.
register.simple_tag(choices)
register.simple_tag(marks.icon)
register.simple_tag(marks.mark)
register.simple_tag(marks.status)
register.simple_tag(marks.stage)
register.simple_tag(marks.count)
register.simple_tag(marks.avatar)
register.simple_tag(marks.delta)
register.simple_tag(marks.paper_mark)
register.simple_tag(marks.paper_status)
register.simple_tag(marks.paper_tier)
register.simple_tag(words.money)
register.simple_tag(words.plural)
register.filter(words.number)
register.filter(words.compact)
register.filter(words.percent)
register.filter(words.points)
register.filter("money", words.money)
register.filter("size", words.size)
register.filter("text_day", words.day)


@register.simple_tag(takes_context=True)
def tier(context: template.Context, number: int | None, label: str = "", provisional: bool = False) -> SafeString:
    """A tier mark; the words for the tiers are asked for once a page."""
    if not label and number:
        request = context.get("request")
        cache = (
            context.render_context if request is None else vars(request)
        )  # included parts have contexts of their own
        if "_tier_words" not in cache:
            cache["_tier_words"] = marks.tier_words()
        label = cache["_tier_words"].get(number, "")
    return marks.tier(number, label, provisional=provisional)


@register.simple_tag
def day(value: date | datetime | None, short: bool = True) -> SafeString:
    """<time>20 Nov 2026</time>."""
    return _time(value, words.day(value, short=short))


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """<time>20 Nov 2026, 14:05</time> in the reader's zone."""
    return _time(value, words.moment(value))


@register.simple_tag
def ago(value: date | datetime | None) -> SafeString:
    """<time>3 days ago</time>, with the full moment as its title."""
    if value is None:
        return format_html("{}", words.NONE)
    full = words.moment(value) if isinstance(value, datetime) else words.day(value)
    text = words.ago(value, clock.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', words.iso(value), full, text)


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon of a tone, or of a level of Django's messages."""
    levels = {"success": "good", "warning": "warn", "error": "bad", "debug": "info"}
    return marks.icon(marks.TONES.get(levels.get(tone, tone), "info"))


@register.simple_block_tag(takes_context=True)
def data_table(context: template.Context, content: str, table: Table[Any], compact: bool = False) -> SafeString:
    """A list with search, filters, sorting, pages and export; what stands inside are its rows."""
    inner = {"content": content, "table": table, "compact": compact, "csrf_token": context.get("csrf_token")}
    return render_to_string("components/data_table.html", inner)


@register.simple_block_tag(takes_context=True)
def arranged(context: template.Context, content: str, table: Table[Any]) -> SafeString:
    """A list in another layout than rows: search, filters, layouts, views and export; what stands inside is it."""
    inner = {"content": content, "table": table, "csrf_token": context.get("csrf_token")}
    return render_to_string("components/arranged.html", inner)


@register.simple_tag
def plotly_style_ids() -> str:
    """For js/charts.js: what keeps plotly.js from injecting styles, which the CSP would refuse."""
    return " ".join(assets.plotly_style_ids())


@register.inclusion_tag("components/chart.html")
def chart(chart: Chart, width: int = 660, explore: bool = True, level: int = 2) -> dict[str, Any]:
    """A chart in a card: takeaway, picture in two widths, source, data table, and Plotly on Explore."""
    data = chart.data()
    context: dict[str, Any] = {
        "chart": chart,
        "level": level,
        "data": data,
        "rows": html.rows(data.rows),
        "figure": None,
        "is_small": width < 500,
    }
    if explore and not chart.is_empty:
        context["figure"] = plotly.figure(chart)
    return context | {"wide": svg.on_page(chart, width), "narrow": svg.on_page(chart, narrow=True)}


@register.simple_tag
def paper_chart(chart: Chart, width: int = 690, height: int = 0) -> SafeString:
    """A chart in a PDF."""
    return svg.on_paper(chart, width, height)


@register.simple_tag
def sparkline(
    values: list[float | None], goal: float | None = None, paper: bool = False, width: int = 120
) -> SafeString:
    """A trend of a word's size."""
    if paper:
        return small.sparkline(values, goal, theme=svg.PRINT, width=92, height=24)
    return small.sparkline(values, goal, width=width)


@register.simple_tag
def bullet(value: float, target: float | None, scale: float = 100, width: int = 220, paper: bool = False) -> SafeString:
    """A value against its target."""
    return small.bullet(value, target, scale, width=width, theme=svg.PRINT if paper else svg.WEB)


@register.inclusion_tag("components/tile.html")
def tile(tile: parts.Tile) -> dict[str, Any]:
    """A KPI tile; stands in <ul class="kpis">."""
    return {"tile": tile}


@register.inclusion_tag("components/heat.html")
def heat(heat: parts.Heat) -> dict[str, Any]:
    """A table of scores whose cells are shaded by band."""
    return {"heat": heat}


@register.inclusion_tag("pdf/heat.html")
def paper_heat(heat: parts.Heat) -> dict[str, Any]:
    """A heat table in a PDF."""
    return {"heat": heat}


@register.inclusion_tag("components/asks.html")
def asks(asks: list[parts.Ask]) -> dict[str, Any]:
    """Decisions that somebody is asked for."""
    return {"asks": asks}


@register.inclusion_tag("components/ageing.html")
def ageing(entries: list[parts.Ageing]) -> dict[str, Any]:
    """What waits, against the days it may take; the scale is one and a half times the longest limit, or longer."""
    scale = max([entry.limit * 1.5 for entry in entries] + [entry.days for entry in entries], default=1)
    return {"entries": entries, "scale": scale}


@register.inclusion_tag("components/bullets.html")
def bullets(entries: list[parts.Progress], target_label: str = "Target") -> dict[str, Any]:
    """Values against targets, one line each."""
    return {"entries": entries, "target_label": target_label}


@register.inclusion_tag("components/steps.html")
def steps(steps: list[parts.Step], label: str = "Steps") -> dict[str, Any]:
    """A stepper."""
    return {"steps": steps, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: list[parts.Happening]) -> dict[str, Any]:
    """What happened, newest first or oldest first: in the order given."""
    return {"entries": entries}


@register.inclusion_tag("components/progress.html")
def progress(
    id: str, url: str, done: int, total: int | None = None, words: str = "", is_over: bool = False, cancel_url: str = ""
) -> dict[str, Any]:
    """The progress of a job: asks `url` for itself again every two seconds until it is over."""
    context: dict[str, Any] = {"id": id, "url": url, "done": done, "total": total, "words": words}
    return context | {"is_over": is_over, "cancel_url": cancel_url}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What is wrong with a form that is laid out by hand; {{ form }} brings its own."""
    return {"form": form}


# Blocks: {% card title="History" %} ... {% endcard %}


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    id: str = "",
    lede: str = "",
    url: str = "",
    link: str = "",
    count: int | None = None,
    tone: str = "",
    classes: str = "",
    level: int = 2,
) -> SafeString:
    """A card with a heading; `url` and `link` put a link to more beside it."""
    context: dict[str, Any] = {"content": content, "title": title, "id": id, "lede": lede, "url": url}
    context |= {"link": link or "All", "count": count, "tone": tone, "classes": classes, "level": level}
    return render_to_string("components/card.html", context)


@register.simple_block_tag
def page_head(content: str, title: str, eyebrow: str = "", lede: str = "", marks: str = "") -> SafeString:
    """The head of a page; what stands inside are its actions."""
    context = {"content": content, "title": title, "eyebrow": eyebrow, "lede": lede, "marks": marks}
    return render_to_string("components/page_head.html", context)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """A message that belongs to the page, unlike a toast."""
    return render_to_string("components/notice.html", {"content": content, "tone": tone, "title": title})


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon: str = "inbox", level: int = 0) -> SafeString:
    """What a list says when there is nothing in it; what stands inside are the ways on. LEVEL makes it a heading."""
    context = {"content": content, "title": title, "text": text, "icon": icon, "level": level}
    return render_to_string("components/empty.html", context)


@register.simple_block_tag
def menu(
    content: str, id: str, label: str, icon: str = "", end: bool = False, quiet: bool = False, hide_label: bool = False
) -> SafeString:
    """A button and the popover it opens."""
    context = {"content": content, "id": id, "label": label, "icon": icon, "end": end, "quiet": quiet}
    return render_to_string("components/menu.html", context | {"hide_label": hide_label})


@register.simple_block_tag
def fieldset(content: str, legend: str, id: str = "", help: str = "") -> SafeString:
    """Fields that belong together."""
    context = {"content": content, "legend": legend, "id": id or slugify(legend), "help": help}
    return render_to_string("components/fieldset.html", context)


@register.simple_block_tag
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    """A dialog that stands on the page, opened by <button data-dialog="id">."""
    context = {"content": content, "id": id, "title": title, "wide": wide}
    return render_to_string("components/dialog.html", context)


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*crumbs: Any) -> dict[str, Any]:
    """{% breadcrumbs "Use cases" url title %}: pairs of label and address, then the page itself; or a list of these."""
    if len(crumbs) == 1 and not isinstance(crumbs[0], str):
        crumbs = tuple(crumbs[0])
    if crumbs and isinstance(crumbs[0], parts.Crumb):
        return {"crumbs": crumbs}
    pairs = [parts.Crumb(str(crumbs[index]), str(crumbs[index + 1])) for index in range(0, len(crumbs) - 1, 2)]
    last = [parts.Crumb(str(crumbs[-1]))] if len(crumbs) % 2 else []
    return {"crumbs": pairs + last}


@register.inclusion_tag("components/tabs.html")
def tabs(entries: list[parts.Tab], target: str = "", label: str = "Sections") -> dict[str, Any]:
    """Tabs that are links; with a target id, htmx swaps that element."""
    return {"tabs": entries, "target": target, "label": label}


@register.inclusion_tag("components/facts.html")
def facts(entries: list[parts.Fact], columns: int = 2) -> dict[str, Any]:
    """A list of facts, label and value."""
    return {"facts": entries, "columns": columns}


def _time(value: date | datetime | None, text: str) -> SafeString:
    if value is None:
        return format_html("{}", text)
    return format_html('<time datetime="{}">{}</time>', words.iso(value), text)
