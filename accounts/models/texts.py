"""What every text of one line keeps to."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

one_line = RegexValidator(
    r"\A[^\x00-\x1f\x7f]*\Z", _("Use one line, without control characters."), code="one_line"
)
