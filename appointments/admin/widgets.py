"""Fields of forms as the desk draws them."""

from django import forms


class DateAndTime(forms.SplitDateTimeWidget):
    """The browser's own fields for a date and a time, each named for who cannot see them: "Date of the visit"."""

    def __init__(self, of_what: str):
        super().__init__(
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs={"type": "date", "aria-label": f"Date {of_what}"},
            time_attrs={"type": "time", "aria-label": f"Time {of_what}"},
        )
