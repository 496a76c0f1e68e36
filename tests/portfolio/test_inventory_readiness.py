from portfolio.inventory import profiles
from portfolio.inventory.exporting import Line
from portfolio.inventory.readiness import assess

ALWAYS = {
    "agency": "X", "agency_name": "Ministry of X", "id": "X-1", "use_case_name": "Chat", "agency_bureau": "A",
    "contact_email": "a@example.com", "is_withheld": "No", "development_stage": "Retired",
    "is_high_impact": "Not High-impact",
}  # fmt: skip


def assessed(*rows):
    lines = [Line({**ALWAYS, **cells}, True, "UC-1") for cells in rows]
    return assess(profiles.load("omb-2025"), lines)


def test_retired_use_case_needs_little():
    readiness = assessed({})

    assert (readiness.complete, readiness.required, readiness.blank.total()) == (1, 9, 0)


def test_cells_are_required_by_stage_and_impact():
    readiness = assessed(
        {"development_stage": "Pre-deployment"},
        {"development_stage": "c) Deployed", "is_high_impact": "yes", "contracting_usage": "vendor", "have_ato": "No"},
    )

    assert readiness.complete == 0
    assert readiness.blank["topic_area"] == 2
    assert readiness.blank["has_pii"] == readiness.blank["vendor_name"] == readiness.blank["hi_appeal_process"] == 1
    assert readiness.blank["system_name_ato"] == readiness.blank["HI_justification"] == readiness.blank["have_ato"] == 0


def test_cell_that_says_nothing_is_blank():
    readiness = assessed({"contact_email": "N/A"})

    assert readiness.blank == {"contact_email": 1}


def test_blank_stage_asks_for_the_stage_only():
    readiness = assessed({"development_stage": ""})

    assert readiness.blank == {"development_stage": 1}


def test_practices_count_answers_of_those_who_must_give_one():
    live = {"development_stage": "Deployed", "is_high_impact": "High-impact"}
    readiness = assessed(
        live | {"hi_testing_conducted": "a) Yes"}, live | {"hi_testing_conducted": "waived"}, live,
        {"hi_testing_conducted": "Yes"},
    )  # fmt: skip

    assert readiness.practices["hi_testing_conducted"] == {"Yes": 1, "CAIO Waived": 1, "": 1}
    assert readiness.done("hi_testing_conducted") == 1


def test_withheld_use_cases_are_counted_by_reason():
    readiness = assessed({"is_withheld": "Yes - Disclosure Risk"}, {"is_withheld": "Other"}, {})

    assert readiness.withheld == {"Yes - Disclosure Risk": 1, "Other": 1}


def test_agencies_are_counted_apart():
    readiness = assessed({}, {"agency": "Y", "id": ""})

    assert {name: (agency.use_cases, agency.blanks) for name, agency in readiness.agencies.items()} == {
        "X": (1, 0), "Y": (1, 1),
    }  # fmt: skip


def test_every_blank_required_cell_is_listed_with_its_use_case():
    (gap,) = assessed({}, {"agency": "Y", "id": ""}).gaps

    assert (gap.agency, gap.id, gap.title, gap.ref, gap.column) == ("Y", "", "Chat", "UC-1", "id")


def test_withheld_use_cases_are_listed_with_their_reason():
    (held,) = assessed({"is_withheld": "c) Yes – disclosure is prohibited by law"}, {}).held_back

    assert (held.title, held.reason) == ("Chat", "Yes - Prohibited by Law")
