"""What every page shares."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from kefir import house_views

Result = TypeVar("Result")


def submit(form: forms.BaseForm, verb: Callable[..., Result], **context: Any) -> Result | None:
    """Run the verb on the form's clean data; a refusal becomes an error on the form, and None the answer."""
    if not form.is_valid():
        return None
    try:
        return verb(**context, **form.cleaned_data)
    except ValidationError as refusal:
        add_refusal(form, refusal)
        return None


def add_refusal(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Put each error beside its field, or on top of the form when the form lacks that field."""
    by_field = (
        refusal.error_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.error_list}
    )
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, list(errors))


def status_of(form: forms.BaseForm) -> int:
    """422 for a form that came back, so that htmx and people's tools can tell; 200 for a fresh one."""
    return 422 if form.is_bound else 200


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the page asked to go on to, if that is an address of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    # Django's redirect takes a word without a slash for the name of a view, and fails when there is none.
    return wanted if is_ours and wanted.startswith("/") else otherwise


def too_often(request: HttpRequest, seconds: int, sentence: str = "") -> TemplateResponse:
    """How long to wait, counted down; and back to where they were, when it was a page that they asked for."""
    again = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    context = {"seconds": seconds, "sentence": sentence, "again": again}
    return TemplateResponse(request, "429.html", context, status=429, headers={"Retry-After": str(seconds)})


def site(request: HttpRequest) -> dict[str, Any]:
    """For every template: where we are."""
    return {
        "SITE_URL": settings.SITE_URL,
        "LOCAL": settings.LOCAL,
        "site_name": settings.SITE_NAME,
        "own_sign": settings.SITE_SIGN is not None,
        "own_colours": house_views.stylesheet_address(),
        "paper": house_views.paper(),
        "speaks": len(settings.LANGUAGES) > 1,
        "looks_again": "X-Looks-Again" in request.headers,
        "touch_icon": house_views.touch_icon(),
    }
