"""Hugging Face model cards: README.md with YAML between two lines of dashes, then Markdown."""

import re
from typing import Any

import yaml

from caio_portal.common.uploads.limits import Refused
from portfolio.assets.found import (
    CARD_BYTES,
    Findings,
    FoundData,
    FoundModel,
    Metric,
    decoded,
    dict_of,
    link_of,
    list_of,
    prose_of,
    text_of,
    texts_of,
)

_HEAD_CHARACTERS = 300_000
_DEPTH, _NODES = 20, 40_000
_HEAD = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^#[ \t]+(\S[^\n]{0,300})$", re.MULTILINE)
_LIMITS = re.compile(r"^#{1,4}[^\n]*\b(?:limitation|bias|risk|out-of-scope)[^\n]*$", re.MULTILINE | re.IGNORECASE)
_ANY_TITLE = re.compile(r"^#{1,4}[ \t]", re.MULTILINE)
_MARKUP = re.compile(r"<[^>\n]{0,500}>|!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|\[([^\]\n]{1,200})\]\([^)\n]{0,500}\)")


def read_model_card(content: bytes) -> Findings:
    """What a model card says of its model and of the data that it names. Raises Refused."""
    text = decoded(content, CARD_BYTES, "model card")
    found = _HEAD.match(text)
    if found is None:
        raise Refused("This is no model card: it does not begin with YAML between two lines of dashes.", "no_card")
    head = _yaml(found[1])
    body = text[found.end() :]
    index = [dict_of(one) for one in list_of(head.get("model-index"))]
    name = _name(head, index, body)
    if not name:
        raise Refused("The card does not name its model: neither model-index nor a title.", "no_card")
    notes = () if index else ("The card states no results (model-index).",)
    return Findings(source="Model card", models=(_model(name, head, index, body),), notes=notes)


def _model(name: str, head: dict[str, Any], index: list[dict[str, Any]], body: str) -> FoundModel:
    publisher, _, short = name.rpartition("/")
    licence = text_of(head.get("license_name")) or ", ".join(texts_of(head.get("license")))[:100]
    return FoundModel(
        name=short,
        version=text_of(head.get("version") or head.get("revision"), 60),
        publisher=publisher or text_of(head.get("author") or head.get("organization")),
        licence="" if licence == "other" else licence,
        base_model=", ".join(texts_of(head.get("base_model")))[:200],
        task=text_of(head.get("pipeline_tag"), 100),
        about=_about(body),
        limitations=_limitations(body),
        link=link_of(head.get("repo_url") or head.get("homepage")),
        tags=tuple(dict.fromkeys([*texts_of(head.get("tags"), 60), *texts_of(head.get("language"), 60)]))[:60],
        metrics=tuple(_metrics(index)),
        data=tuple(FoundData(name=name) for name in texts_of(head.get("datasets"), 200)),
    )


def _name(head: dict[str, Any], index: list[dict[str, Any]], body: str) -> str:
    title = _TITLE.search(body)
    offered = (head.get("model_id"), head.get("model_name"), *(one.get("name") for one in index),
               title and _plain(title[1]))  # fmt: skip
    return next((name for one in offered if (name := text_of(one))), "")


def _metrics(index: list[dict[str, Any]]) -> list[Metric]:
    found = []
    for one in index:
        for result in map(dict_of, list_of(one.get("results"))):
            task, data = dict_of(result.get("task")), dict_of(result.get("dataset"))
            for metric in map(dict_of, list_of(result.get("metrics"))):
                name, value = text_of(metric.get("name") or metric.get("type"), 80), text_of(metric.get("value"), 40)
                if name and value:
                    found.append(
                        Metric(
                            metric=name,
                            value=value,
                            data=text_of(data.get("name") or data.get("type"), 120),
                            task=text_of(task.get("name") or task.get("type"), 80),
                        )
                    )
    return found[:200]


def _about(body: str) -> str:
    """The first paragraph of prose."""
    for paragraph in re.split(r"\n\s*\n", body[:20_000]):
        plain = _plain(paragraph).strip()
        if len(plain) > 30 and not plain.startswith(("#", "|", "```", "- ", "* ", ">")):
            return prose_of(" ".join(plain.split()), 2_000)
    return ""


def _limitations(body: str) -> str:
    start = _LIMITS.search(body)
    if start is None:
        return ""
    rest = body[start.end() : start.end() + 20_000]
    end = _ANY_TITLE.search(rest)
    return prose_of(_plain(rest[: end.start()] if end else rest), 4_000)


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "", text)


# Makes texts, lists and dictionaries, and nothing else; the one in C, where it is there, is ten times as fast.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _require_plain(text: str) -> None:
    """No aliases (a few lines of them unfold to gigabytes), and only so deep and so much: told before it is built."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise Refused("The card's YAML uses aliases, which no model card needs.", "bomb")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH or nodes > _NODES:
            raise Refused("The card's YAML is nested too deeply, or too much of it.", "bomb")


def _yaml(text: str) -> dict[str, Any]:
    if len(text) > _HEAD_CHARACTERS:
        raise Refused(f"The card's YAML is longer than {_HEAD_CHARACTERS:,} characters.", "too_large")
    try:
        _require_plain(text)
        head = yaml.load(text, Loader=_LOADER)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 2})" if error.problem_mark else ""
        raise Refused(f"The card's YAML cannot be read{line}.") from None
    except yaml.YAMLError:
        raise Refused("The card's YAML cannot be read.") from None
    if not isinstance(head, dict):
        raise Refused("The card's YAML says nothing about a model.", "no_card")
    return head
