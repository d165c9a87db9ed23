"""What is done once a day, and what it suggests to staff."""

from django.db import models


class DailyJob(models.Model):
    """One run of a daily job. The unique row decides which worker, on which machine, does it."""

    name = models.CharField(max_length=40)
    day = models.DateField(help_text="New York date")
    ran_at = models.DateTimeField()
    failed = models.BooleanField(default=False)
    report = models.CharField(max_length=200, blank=True, help_text="Counts only")

    class Meta:
        ordering = ["-day", "name"]
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="job_once_a_day")]

    def __str__(self):
        return f"{self.name}, {self.day}"


class SuggestedClosure(models.Model):
    """A holiday on which the office may close. It closes nothing until staff confirm it."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)
    declined = models.BooleanField("we are open as usual", default=False)

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.name}, {self.day:%A, %B %-d, %Y}"
