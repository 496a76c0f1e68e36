import pytest

from governance.selectors.comparing import words


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("C05 Impact assessment", "not_started", "Not started"),
        (
            "Evidence for C05 Impact assessment",
            "CV screening: impact_assessment.pdf",
            "CV screening: impact_assessment.pdf",
        ),
        ("Residual risk: Leak", 12, "12"),
        ("personal_data", True, "Yes"),
        ("personal_data", None, "Unknown"),
        ("tier", None, "–"),
    ],
)
def test_words(name, value, said):
    assert words(name, value) == said
