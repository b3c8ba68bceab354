"""What every text of one line keeps to."""

from django.core.validators import RegexValidator

one_line = RegexValidator(
    r"\A[^\x00-\x1f\x7f]*\Z", "Use one line, without control characters.", code="one_line"
)
