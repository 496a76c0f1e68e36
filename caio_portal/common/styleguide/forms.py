from django import forms

_DECIDES = [
    ("benefits", "Benefits"),
    ("employment", "Employment"),
    ("credit", "Credit"),
    ("none", "None of these"),
]


class SampleForm(forms.Form):
    """Every kind of field."""

    title = forms.CharField(label="Title", max_length=80, help_text="What it does, in a few words. No vendor names.")
    purpose = forms.CharField(label="Purpose", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    unit = forms.ChoiceField(label="Unit", choices=[("", "Choose a unit"), ("1", "Claims"), ("2", "Underwriting")])
    spend = forms.DecimalField(label="Spend per year, USD", min_value=0, required=False)
    starts_on = forms.DateField(label="Starts on", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    human = forms.ChoiceField(
        label="What do people do?",
        help_text="Think of an ordinary working day.",
        widget=forms.RadioSelect,
        choices=[("decides", "A person decides"), ("confirms", "A person confirms"), ("none", "Nobody looks")],
    )
    decides_about = forms.MultipleChoiceField(
        label="It helps to decide about", widget=forms.CheckboxSelectMultiple, choices=_DECIDES, required=False
    )
    evidence = forms.FileField(label="Evidence", help_text="PDF, DOCX or an image, at most 20 MB.", required=False)
    sure = forms.BooleanField(label="I have read what this asks of me")
