from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from tests.factories import make_person, signed_in
from tests.vendors.factories import (
    AssessmentFactory,
    ContractFactory,
    CriterionScoreFactory,
    ProductFactory,
    VendorFactory,
)
from vendors import scoring
from vendors.models import Assessment, Contract, CriterionScore, Product, Vendor

JUDGED = ("quality", "latency", "support", "certification", "transparency", "isolation", "fit", "regulation")


@pytest.fixture(autouse=True)
def _autumn(db):
    with clock.at(datetime(2026, 10, 5, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def client():
    return signed_in(make_person(Role.VENDOR_MANAGER))


@pytest.fixture
def reader():
    return signed_in(make_person(Role.EXECUTIVE))


def make_scored(**fields):
    vendor = VendorFactory(**fields)
    for criterion in (
        "quality",
        "latency",
        "support",
        "certification",
        "transparency",
        "isolation",
        "fit",
        "regulation",
    ):
        CriterionScoreFactory(vendor=vendor, criterion=criterion)
    ProductFactory(vendor=vendor)
    ContractFactory(vendor=vendor, clauses={"no_training": True, "audit_right": False})
    AssessmentFactory(vendor=vendor)
    scoring.compute_scorecard(vendor.pk, "2026Q3")
    return vendor


@pytest.mark.parametrize("rows", [1, 3])
def test_vendor_list_query_count(client, django_assert_num_queries, rows):
    for _ in range(rows):
        make_scored()

    with django_assert_num_queries(8):  # session, user, roles, notices, quarters, facets, number, page
        response = client.get(reverse("vendors:vendor_list"))

    assert len(response.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_vendor_detail_query_count(client, django_assert_num_queries, rows, monkeypatch):
    monkeypatch.setattr("vendors.ports.vendor_panels.providers", [])
    vendor = make_scored()
    for _ in range(rows):
        ProductFactory(vendor=vendor)
        ContractFactory(vendor=vendor)
        AssessmentFactory(vendor=vendor)

    with django_assert_num_queries(10):  # shell (4), vendor, cards, assessments, products, contracts, trail
        client.get(vendor.get_absolute_url())


@pytest.mark.parametrize("rows", [1, 3])
def test_renewals_and_comparison_query_counts(client, django_assert_num_queries, rows):
    vendors = [make_scored() for _ in range(rows)]

    with django_assert_num_queries(5):
        client.get(reverse("vendors:renewal_calendar"))
    with django_assert_num_queries(7):
        client.get(reverse("vendors:vendor_comparison"), {"vendor": [vendor.pk for vendor in vendors]})


def test_vendor_list_sorts_filters_and_exports(reader):
    make_scored(name="Quanta")
    VendorFactory(name="Acme", critical=True)
    address = reverse("vendors:vendor_list")

    by_total = reader.get(address).context["rows"]
    critical = reader.get(address, {"criticality": "critical"}).context["rows"]
    found = reader.get(address, {"q": "quan"}).context["rows"]
    csv = b"".join(reader.get(address, {"format": "csv"}).streaming_content).decode("utf-8-sig")

    assert [row.name for row, _, _ in by_total] == ["Quanta", "Acme"]
    assert [row.name for row, _, _ in critical] == ["Acme"]
    assert [row.name for row, _, _ in found] == ["Quanta"]
    assert csv.splitlines()[1].startswith('"Quanta","Standard"')


def test_vendor_list_answers_htmx_with_its_rows(reader):
    response = reader.get(reverse("vendors:vendor_list"), headers={"HX-Request": "true", "HX-Target": "vendors"})

    assert response.templates[0].name == "vendors/_vendors.html"


def test_readers_see_no_forms(reader):
    vendor = make_scored()

    page = reader.get(vendor.get_absolute_url()).content.decode()

    assert "Record a contract" not in page
    assert reader.get(reverse("vendors:edit_vendor", args=[vendor.pk])).status_code == 403


def test_comparison_puts_vendors_side_by_side(reader):
    vendors = [make_scored(name=name) for name in ("Acme", "Quanta")]

    page = reader.get(reverse("vendors:vendor_comparison"), {"vendor": [v.pk for v in vendors]})

    assert [vendor.name for vendor in page.context["comparison"].vendors] == ["Acme", "Quanta"]
    assert [len(rows) for _, rows in page.context["comparison"].groups] == [6, 6, 5, 5]


@pytest.mark.parametrize("query", ["vendor=x&quarter=never", "vendor=99999999999999999999&vendor=-1", "quarter=2026Q9"])
def test_comparison_ignores_nonsense(reader, query):
    assert reader.get(f"{reverse('vendors:vendor_comparison')}?{query}").status_code == 200


def test_register_and_edit_a_vendor(client):
    client.post(reverse("vendors:register_vendor"), {"name": "Quanta", "criticality": "critical"})
    vendor = Vendor.objects.get()

    response = client.post(
        reverse("vendors:edit_vendor", args=[vendor.pk]), {"name": "Quanta AI", "criticality": "critical"}
    )

    vendor.refresh_from_db()
    assert (response.status_code, response["location"], vendor.name) == (302, f"/vendors/{vendor.pk}/", "Quanta AI")


def test_a_vendor_is_registered_once(client):
    VendorFactory(name="Quanta")

    response = client.post(reverse("vendors:register_vendor"), {"name": "Quanta", "criticality": "critical"})

    assert response.status_code == 422
    assert response.context["form"].errors == {"name": ["Vendor with this Name already exists."]}


def test_products_contracts_and_assessments_are_recorded(client):
    vendor = VendorFactory()
    client.post(
        reverse("vendors:add_product", args=[vendor.pk]),
        {"name": "Q-Large", "version": "3", "kind": "model", "ends_on": "2027-03-01"},
    )
    client.post(
        reverse("vendors:sign_contract", args=[vendor.pk]),
        {
            "title": "Master agreement", "value": "50000", "currency": "usd", "starts_on": "2026-01-01",
            "ends_on": "2027-01-01", "notice_by": "2026-11-01", "clause_no_training": "agreed",
            "clause_audit_right": "refused",
        },
    )  # fmt: skip
    client.post(
        reverse("vendors:record_assessment", args=[vendor.pk]),
        {
            "kind": "security", "performed_on": "2026-10-01", "valid_until": "2027-10-01", "result": "passed",
            "open_critical": "0", "upload": SimpleUploadedFile("soc2.pdf", b"%PDF-1.7\n%%EOF", "application/pdf"),
        },
    )  # fmt: skip

    product, contract, assessment = Product.objects.get(), Contract.objects.get(), Assessment.objects.get()
    assert (str(product), product.ends_on) == ("Q-Large 3", date(2027, 3, 1))
    assert (contract.currency, contract.clauses) == ("USD", {"no_training": True, "audit_right": False})
    assert assessment.file.name == "soc2.pdf"
    response = client.get(reverse("vendors:download_assessment", args=[assessment.pk]))
    assert b"".join(response.streaming_content) == b"%PDF-1.7\n%%EOF"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("soc2.pdf", b"<script>alert(1)</script>", "something else"),
        ("soc2.html", b"<script>alert(1)</script>", "one of these"),
        ("soc2.docx", b"PK\x03\x04 no archive", "damaged"),
        ("soc2.pdf", b"", "empty"),
    ],
)
def test_a_hostile_report_is_refused_and_nothing_typed_is_lost(client, name, content, why):
    response = client.post(
        reverse("vendors:record_assessment", args=[VendorFactory().pk]),
        {"kind": "security", "performed_on": "2026-10-01", "result": "passed", "open_critical": "17",
         "upload": SimpleUploadedFile(name, content, "application/pdf")},
    )  # fmt: skip

    assert response.status_code == 422
    assert why.lower() in str(response.context["form"].errors["upload"]).lower()
    assert 'value="17"' in response.content.decode()
    assert not Assessment.objects.exists()


def test_editing_a_contract_keeps_what_is_known_of_its_clauses(client):
    contract = ContractFactory(clauses={"no_training": True})
    form = client.get(reverse("vendors:edit_contract", args=[contract.pk])).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}

    client.post(reverse("vendors:edit_contract", args=[contract.pk]), data | {"clause_portability": "refused"})

    contract.refresh_from_db()
    assert contract.clauses == {"no_training": True, "portability": False}


@pytest.mark.parametrize(
    ("address", "data", "field"),
    [
        ("sign_contract", {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "ends_on"),
        ("sign_contract", {"ends_on": "2026-01-01", "notice_by": "2026-02-01"}, "notice_by"),
        ("sign_contract", {"currency": "12$"}, "currency"),
        ("sign_contract", {"value": "-1"}, "value"),
        ("record_assessment", {"performed_on": "2026-12-01"}, "performed_on"),
        ("record_assessment", {"performed_on": "2026-10-01", "valid_until": "2026-09-01"}, "valid_until"),
        ("add_product", {"kind": "toaster"}, "kind"),
    ],
)
def test_nonsense_is_refused_at_its_field(client, address, data, field):
    response = client.post(reverse(f"vendors:{address}", args=[VendorFactory().pk]), data)

    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_scoring_a_criterion(client):
    vendor = VendorFactory()
    address = reverse("vendors:score_criterion", args=[vendor.pk, "quality"])

    response = client.post(
        f"{address}?quarter=2026Q3", {"score": "4", "source": "Acceptance tests", "as_of": "2026-09-30"}
    )

    assert response["location"] == f"/vendors/{vendor.pk}/?quarter=2026Q3"
    assert CriterionScore.objects.get(vendor=vendor, criterion="quality").score == Decimal(4)


def test_a_score_may_be_not_known(client):
    vendor = VendorFactory()

    client.post(
        reverse("vendors:score_criterion", args=[vendor.pk, "quality"]),
        {"score": "", "source": "Never tested", "as_of": "2026-09-30"},
    )

    assert CriterionScore.objects.get(vendor=vendor, criterion="quality").score is None


@pytest.mark.parametrize(
    ("criterion", "quarter", "status"),
    [("quality", "2026Q1", 403), ("clauses", "2026Q3", 403), ("nonsense", "2026Q3", 404), ("quality", "x", 404)],
)
def test_what_cannot_be_scored(client, criterion, quarter, status):
    address = reverse("vendors:score_criterion", args=[VendorFactory().pk, criterion])

    assert client.get(f"{address}?quarter={quarter}").status_code == status


def test_retiring_a_vendor(client):
    vendor = VendorFactory()

    client.post(reverse("vendors:retire_vendor", args=[vendor.pk]), {"reason": "Replaced by Acme"})

    vendor.refresh_from_db()
    assert vendor.retired_at is not None
    assert client.get(reverse("vendors:edit_vendor", args=[vendor.pk])).status_code == 403


def test_work_of_a_vendor_manager(client):
    from vendors.answers import work_of

    person = make_person(Role.VENDOR_MANAGER)
    contract = ContractFactory(notice_by=date(2026, 10, 1))
    AssessmentFactory(vendor=contract.vendor, valid_until=date(2026, 10, 20))

    entries = work_of(person)

    assert [(entry.kind, entry.overdue) for entry in entries] == [
        ("Renew or give notice", True),
        ("Assess again", False),
    ]
    assert work_of(make_person(Role.EXECUTIVE)) == []
