"""What people type in their own units and their own time, read as what is stored: metric, and UTC."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.units import CELSIUS, GRAMS, MILLILITRES, Unit, units_of

CLOCK_FORMAT = "%Y-%m-%dT%H:%M"


class AsShown(forms.Field):
    """Shows what is stored rounded; what was not retyped stays as exact as it was."""

    known: Any = None

    def shown(self, value: Any) -> Any:
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        is_untouched = None not in (typed, self.known) and self.shown(typed) == self.shown(self.known)
        return self.known if is_untouched else typed


class AmountField(AsShown, forms.FloatField):
    """`measures` is the word of accounts.units.Units for what is measured."""

    measures = ""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.NumberInput({"step": "any"}))
        super().__init__(required=False, **kwargs)
        self.plain_label = self.label

    def measure_in(self, unit: Unit) -> None:
        self.unit = unit
        self.label = f"{self.plain_label}, {unit.symbol}"

    def stay_within(self, limits: Iterable[Any]) -> None:
        """The limits of what is stored, said in the unit that was typed."""
        known = {type(limit): limit.limit_value for limit in limits}
        low, high = known[MinValueValidator], known[MaxValueValidator]
        sentence = _("It must be between %(low)s and %(high)s.") % {
            "low": self.unit.words(low),
            "high": self.unit.words(high),
        }
        self.validators = [MinValueValidator(low, sentence), MaxValueValidator(high, sentence)]

    def shown(self, value: float) -> float:
        return self.unit.shown(value)

    def prepare_value(self, value: Any) -> Any:
        """A number is what is stored; text is what somebody typed."""
        return f"{self.unit.shown(value):g}" if isinstance(value, int | float) else value

    def to_python(self, value: Any) -> Any:
        amount: float | None = super().to_python(value)
        if amount is None:
            return None
        if not math.isfinite(amount):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return round(self.unit.metric(amount), 3)


class TemperatureField(AmountField):
    measures, unit = "temperature", CELSIUS


class WeightField(AmountField):
    measures, unit = "weight", GRAMS


class VolumeField(AmountField):
    measures, unit = "volume", MILLILITRES

    def to_python(self, value: Any) -> int | None:
        amount = super().to_python(value)
        return None if amount is None else round(amount)


class LocalTimeField(AsShown, forms.DateTimeField):
    """A minute on the clock of whoever types it.

    Of an hour that comes twice when the clocks go back, the first is meant.
    """

    def __init__(self, **kwargs: Any) -> None:
        clock = forms.DateTimeInput(format=CLOCK_FORMAT, attrs={"type": "datetime-local"})
        super().__init__(**({"widget": clock} | kwargs))

    def shown(self, value: datetime) -> datetime:
        return value.replace(second=0, microsecond=0)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        try:
            local = datetime.fromisoformat(value)
            here = local.tzinfo or timezone.get_current_timezone()
            return local.replace(tzinfo=here).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class InOwnUnits(forms.BaseModelForm):
    """A form whose amounts are shown, and read, in the units of `person`."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_of(person)
        for name, field in self.fields.items():
            if isinstance(field, AsShown):
                field.known = self.get_initial_for_field(field, name)
            if isinstance(field, AmountField):
                field.measure_in(getattr(units, field.measures))
                field.stay_within(self._meta.model._meta.get_field(name).validators)
