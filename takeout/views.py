"""Take your data with you: out, in, and away."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from takeout.doors import everything_as_csv
from takeout.stream import BeingExported


@login_required
@require_safe
def csv(request: SignedInRequest) -> HttpResponseBase:
    try:
        return everything_as_csv(request)
    except BeingExported as refusal:
        context = {"sentence": str(refusal)}
        return TemplateResponse(
            request, "takeout/wait.html", context, status=429, headers={"Retry-After": "30"}
        )
