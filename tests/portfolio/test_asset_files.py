"""Model cards and bills of materials: read, refused, written."""

import json
import time

import pytest

from caio_portal.common.uploads.limits import Refused
from portfolio.assets.bom_writing import bill_of_materials
from portfolio.assets.found import Metric
from portfolio.assets.ml_bom import VERSIONS, read_ml_bom
from portfolio.assets.model_card import read_model_card
from portfolio.models import AiModel, Dataset, ModelData
from tests.factories import make_unit

CARD = """---
license: apache-2.0
language:
  - en
tags: [summarization, legal]
datasets:
  - cnn_dailymail
base_model: google/pegasus
pipeline_tag: summarization
model-index:
  - name: acme/brief-sum
    results:
      - task: {type: summarization, name: Summarization}
        dataset: {type: cnn_dailymail, name: CNN, split: test}
        metrics:
          - {type: rouge, name: ROUGE-1, value: 41.7, verified: true}
          - {type: rouge, value: 19.2}
---
# Brief summariser

<img src="x.png"> Short summaries of [long letters](https://example.org) for busy clerks.

## Limitations and bias

It invents names. Do not send what it writes unread.

## Training
Whatever.
"""


def card(head: str, body: str = "# M\n") -> bytes:
    return f"---\n{head}\n---\n{body}".encode()


def test_a_model_card_says_what_the_model_is():
    findings = read_model_card(CARD.encode())

    [model] = findings.models
    assert (model.name, model.publisher, model.licence, model.base_model, model.task) == (
        "brief-sum", "acme", "apache-2.0", "google/pegasus", "summarization",
    )  # fmt: skip
    assert model.metrics == (
        Metric(metric="ROUGE-1", value="41.7", data="CNN", task="Summarization"),
        Metric(metric="rouge", value="19.2", data="CNN", task="Summarization"),
    )
    assert [data.name for data in model.data] == ["cnn_dailymail"]
    assert model.tags == ("summarization", "legal", "en")
    assert model.about == "Short summaries of long letters for busy clerks."
    assert model.limitations == "It invents names. Do not send what it writes unread."


@pytest.mark.parametrize(
    ("head", "name", "licence"),
    [
        ("license: mit", "Title", "mit"),
        ("license: other\nlicense_name: llama3.1", "Title", "llama3.1"),
        ("license: [mit, apache-2.0]\nmodel_name: Given", "Given", "mit, apache-2.0"),
        ("license: other", "Title", ""),
        ("model-index: what\ndatasets: {a: b}\ntags: 3\nlicense:", "Title", ""),
    ],
)
def test_odd_cards_are_read_as_far_as_they_go(head, name, licence):
    [model] = read_model_card(card(head, "# Title\n")).models

    assert (model.name, model.licence) == (name, licence)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(12)
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"# Just a readme", "no_card"),
        (b"", "no_card"),
        (card("- a\n- b"), "no_card"),
        (card("license: mit", "no title"), "no_card"),
        (card("a: [1, 2"), "damaged"),
        (card("? [a]\n: b"), "damaged"),
        (card("a: !!python/object/apply:os.system ['true']", ""), "no_card"),
        (card(BOMB), "bomb"),
        (card("[" * 50_000), "bomb"),
        (card("a: " + "{b: " * 20_000), "bomb"),
        (card("\n".join(f"k{n}: v" for n in range(40_000))), "too_large"),
        (card("\n".join(f"k{n}: v" for n in range(20_001))), "bomb"),
        (b"---\nlicense: \xff\xfe\n---\n# M", "encoding"),
        (b"---\nlicense: m\x00it\n---\n# M", "damaged"),
        (b"---\n" + b"x" * 3_000_000, "too_large"),
    ],
)
def test_what_is_no_model_card_is_refused_at_once(content, code):
    begun = time.monotonic()

    with pytest.raises(Refused) as refused:
        read_model_card(content)

    assert (refused.value.code, time.monotonic() - begun < 1) == (code, True)


def bom(components=(), **fields) -> bytes:
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components)} | fields
    ).encode()


MODEL = {
    "type": "machine-learning-model", "bom-ref": "m1", "name": "resnet", "version": "50", "publisher": "Acme",
    "description": "Sees things.", "licenses": [{"license": {"id": "MIT"}}],
    "externalReferences": [
        {"type": "website", "url": "javascript:alert(1)"}, {"type": "vcs", "url": "https://a.example/x"},
    ],
    "modelCard": {
        "modelParameters": {
            "task": "classification", "datasets": [{"ref": "d1"}, {"type": "dataset", "name": "Extra"}],
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [{"type": "accuracy", "value": "0.91", "slice": "night"}, {"value": 1}],
        },
        "considerations": {"technicalLimitations": ["Not by night.", "Not for faces."]},
    },
}  # fmt: skip
DATA = {
    "type": "data", "bom-ref": "d1", "name": "ImageNet", "publisher": "Princeton",
    "data": [{"type": "dataset", "contents": {"url": "https://d.example"}, "sensitiveData": ["faces"]}],
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_a_bill_of_materials_describes_models_and_data(version):
    library = {"type": "library", "name": "numpy", "components": [DATA]}

    findings = read_ml_bom(bom([MODEL, library], specVersion=version))

    [model], [data] = findings.models, findings.data
    assert (model.name, model.version, model.publisher, model.licence) == ("resnet", "50", "Acme", "MIT")
    assert (model.task, model.link, model.limitations) == (
        "classification", "https://a.example/x", "Not by night.\nNot for faces.",
    )  # fmt: skip
    assert model.metrics == (Metric(metric="accuracy", value="0.91", data="night"),)
    assert [(one.name, one.sensitive) for one in model.data] == [("ImageNet", ("faces",)), ("Extra", ())]
    assert (data.name, data.origin, data.link) == ("ImageNet", "Princeton", "https://d.example")
    assert findings.notes == ("1 other components are left out.",)


def test_the_model_cards_of_the_samples_are_read(shared_data):
    plain, measured = (
        read_model_card((shared_data / f"feeds/lifecycle/hf_cards/{name}.md").read_bytes())
        for name in ("sample_simple", "sample_simple_model_index")
    )

    assert [(one.name, one.licence) for one in (*plain.models, *measured.models)] == [("my-cool-model", "mit")] * 2
    assert [one.name for one in plain.models[0].data] == ["beans"]
    assert [(one.metric, one.value, one.data) for one in measured.models[0].metrics] == [
        ("accuracy", "0.9", "Beans"),
        ("f1", "0.66", "Beans"),
    ]


def test_the_bill_of_materials_of_the_samples_is_read(shared_data):
    file = shared_data / "feeds/lifecycle/cyclonedx/valid-machine-learning-considerations-env-1.7.json"

    [model] = read_ml_bom(file.read_bytes()).models

    assert (model.name, model.link) == ("Llama-2-7b", "https://huggingface.co/meta-llama/Llama-2-7b")
    assert model.publisher == "meta"


def nested(depth: int) -> dict:
    component: dict = {"type": "data", "name": "leaf"}
    for _ in range(depth):
        component = {"type": "library", "name": "x", "components": [component]}
    return component


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[]", "no_bom"),
        (b"{", "damaged"),
        (b'{"bomFormat": "SPDX"}', "no_bom"),
        (bom([MODEL], specVersion="1.4"), "no_bom"),
        (bom([{"type": "library", "name": "x"}]), "no_bom"),
        (bom("abc"), "no_bom"),
        (b'{"a":' * 100_000, "bomb"),
        (b"[" * 1_000_000, "bomb"),
        (bom([nested(20)]), "bomb"),
        (bom([{"type": "data", "name": "x"}] * 2_001), "bomb"),
        (bom([MODEL], serialNumber="x" * 11_000_000), "too_large"),
        (b"{\x00}", "damaged"),
        (b'\xff\xfe{"', "encoding"),
    ],
)
def test_what_is_no_bill_of_materials_is_refused_at_once(content, code):
    begun = time.monotonic()

    with pytest.raises(Refused) as refused:
        read_ml_bom(content)

    assert (refused.value.code, time.monotonic() - begun < 1) == (code, True)


def test_huge_numbers_and_wrong_types_harm_nobody():
    content = bom([{**MODEL, "version": 1, "licenses": "MIT", "modelCard": [1]}]).replace(
        b'"version": 1', b'"version": ' + b"9" * 99_999
    )

    [model] = read_ml_bom(content).models

    assert (model.version, model.licence, model.metrics) == ("9" * 60, "", ())


@pytest.mark.django_db
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_written_is_read_back(version):
    unit = make_unit()
    data = Dataset.objects.create(name="ImageNet", unit=unit, sensitive="faces, plates", link="https://d.example")
    model = AiModel.objects.create(
        name="resnet", version="50", unit=unit, publisher="Acme", licence="apache-2.0", base_model="resnet-18",
        task="classification", limitations="Not by night.\nNot for faces.",
        metrics=[{"metric": "accuracy", "value": "0.9"}],
    )  # fmt: skip
    ModelData.objects.create(ai_model=model, dataset=data, part="training")

    document = bill_of_materials(AiModel.objects.all(), Dataset.objects.all(), version)

    findings = read_ml_bom(json.dumps(document).encode())
    [found], [found_data] = findings.models, findings.data
    assert (found.name, found.version, found.licence, found.base_model) == ("resnet", "50", "Apache-2.0", "resnet-18")
    assert (found.task, found.limitations, found.metrics[0].value) == (
        "classification", "Not by night.\nNot for faces.", "0.9",
    )  # fmt: skip
    assert (found.data[0].name, found_data.sensitive) == ("ImageNet", ("faces", "plates"))
    again = bill_of_materials(AiModel.objects.all(), Dataset.objects.all(), version)
    assert document["serialNumber"] == again["serialNumber"]
    assert document["dependencies"] == [{"ref": f"models/{model.pk}", "dependsOn": [f"datasets/{data.pk}"]}]
