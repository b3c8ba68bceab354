"""Amounts as their reader measures: {{ batch.temperature_c|temperature:user }}. What is not known is not shown."""

from django import template

from accounts.units import Unit, units_of

register = template.Library()


@register.filter
def temperature(celsius: float | None, person: object) -> str:
    return words(celsius, units_of(person).temperature)


@register.filter
def volume(millilitres: float | None, person: object) -> str:
    return words(millilitres, units_of(person).volume)


@register.filter
def weight(grams: float | None, person: object) -> str:
    return words(grams, units_of(person).weight)


def words(metric: float | None, unit: Unit) -> str:
    return "" if metric is None else unit.words(metric)
