from datetime import UTC, datetime

from caio_portal.accounts.roles import Role
from governance.models import Incident, IncidentVendor
from governance.vendor_panels import incident_load, incidents_of
from portfolio.models import AiSystem, SystemProduct
from tests.factories import make_person, make_unit
from tests.vendors.factories import ProductFactory, VendorFactory


def make_incident(ref, vendor, severity, month, **fields):
    moment = datetime(2026, month, 3, tzinfo=UTC)
    incident = Incident.objects.create(
        ref=ref, title=ref, description="?", unit=make_unit(), severity=severity, category="vendor_outage",
        occurred_at=moment, detected_at=moment, **fields,
    )  # fmt: skip
    IncidentVendor.objects.create(incident=incident, vendor=vendor)
    return incident


def test_incidents_of_the_quarter_weigh_by_severity(db):
    vendor = VendorFactory()
    make_incident("I-1", vendor, 1, 8)
    make_incident("I-2", vendor, 3, 9)
    make_incident("I-3", vendor, 1, 6)
    make_incident("I-4", vendor, 1, 8, near_miss=True)

    (load,) = incident_load(vendor, "2026Q3")

    assert (load.name, load.value, load.source) == ("incident_load", 10, "2 incidents detected in the quarter")


def test_no_incident_is_good_only_for_what_is_in_use(db):
    product = ProductFactory()

    assert incident_load(product.vendor, "2026Q3") == []
    SystemProduct.objects.create(ai_system=AiSystem.objects.create(name="S", unit=make_unit()), product=product)
    assert [load.value for load in incident_load(product.vendor, "2026Q3")] == [0]


def test_the_panel_shows_what_the_viewer_may_see(db):
    vendor = VendorFactory()
    incident = make_incident("I-1", vendor, 2, 8)

    (seen,) = incidents_of(vendor, make_person(Role.AUDITOR))
    (hidden,) = incidents_of(vendor, make_person(Role.VENDOR_MANAGER, unit=make_unit(parent=make_unit())))

    assert [cell.text for cell in seen.rows[0]] == ["I-1 I-1", "2 Major", "3 Aug 2026", "–", "Open"]
    assert (incident.ref, hidden.rows) == ("I-1", ())
