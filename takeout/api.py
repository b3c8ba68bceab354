"""The API's doors to one's own data."""

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from accounts.scopes import SIGN_IN
from kefir.api.problems import Problem
from takeout.doors import everything_as_csv
from takeout.stream import BeingExported


class EverythingAsCSV(APIView):
    scopes = {"GET": SIGN_IN}

    @extend_schema(
        summary="All my data as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="export_csv",
    )
    def get(self, request: SignedInApiRequest) -> HttpResponseBase:
        """Streamed, a row for each thing; `recordType` says what: batch, event, reminder, device, photo, reading.

        Separated by commas, UTF-8, as RFC 4180 has it. An apostrophe stands before text that a spreadsheet
        would take for a formula. One at a time for each person: 429 while another is under way.
        """
        try:
            return everything_as_csv(request)
        except BeingExported as refusal:
            raise Problem(429, "export_under_way", str(refusal), retry_after=30) from refusal
