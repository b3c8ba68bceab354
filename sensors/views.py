"""The pages of sensors: add one, see how they are, put them into a batch, take them away."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from batches.doors import own_batch, way_back_from
from batches.identifiers import named
from batches.undoing import Undoable
from kefir.web import status_of, submit
from sensors import actions
from sensors.forms import NewSensorForm, PlaceForm, SensorForm
from sensors.models import Sensor, SensorQuerySet

PATH = "/api/v1/ingest"


@login_required
@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    return TemplateResponse(request, "sensors/list.html", {"sensors": mine(request)})


def mine(request: SignedInRequest) -> SensorQuerySet:
    return Sensor.objects.of(request.user).kept().select_related("latest", "batch").oldest_first()


@login_required
def add(request: SignedInRequest) -> HttpResponse:
    """The token is shown in the answer itself, this once: it is kept nowhere, so there is nowhere to go on to."""
    batch = own_batch(request, named(request.GET["batch"])) if "batch" in request.GET else None
    form = NewSensorForm(request.POST or None, initial={"id": uuid4(), "batch": batch}, person=request.user)
    if added := submit(form, actions.add, owner=request.user, now=timezone.now()):
        sensor, token = added
        return TemplateResponse(
            request, "sensors/added.html", {"sensor": sensor, **how_to_send(token)}, status=201
        )
    if "id" in form.errors:
        messages.success(request, _("This sensor is here already. Its token was shown once."))
        return redirect("sensors:list")
    return TemplateResponse(request, "sensors/add.html", {"form": form}, status=status_of(form))


def how_to_send(token: str) -> dict[str, Any]:
    """What a gadget asks for: some want one address, some its parts."""
    site = urlsplit(settings.SITE_URL)
    return {
        "token": token,
        "address": settings.SITE_URL + PATH,
        "host": site.hostname,
        "port": site.port or (443 if settings.HTTPS else 80),
        "path": PATH,
        "https": settings.HTTPS,
    }


@login_required
def edit(request: SignedInRequest, sensor_id: UUID) -> HttpResponse:
    sensor = own_sensor(request, sensor_id)
    form = SensorForm(request.POST or None, instance=own_sensor(request, sensor_id), person=request.user)
    deed = Undoable(actions.edit, of=sensor)
    if submit(form, deed, sensor=sensor, now=timezone.now()):
        messages.success(request, _("Saved."), extra_tags=way_back_from(deed))
        return redirect("sensors:list")
    context = {"sensor": sensor, "form": form, **how_to_send("")}
    return TemplateResponse(request, "sensors/edit.html", context, status=status_of(form))


@login_required
@require_POST
def remove(request: SignedInRequest, sensor_id: UUID) -> HttpResponse:
    sensor = own_sensor(request, sensor_id)
    actions.remove(sensor=sensor, now=timezone.now())
    messages.success(
        request, _("%(name)s is removed. What it measured of your batches stays.") % {"name": sensor.name}
    )
    return redirect("sensors:list")


@login_required
def of_batch(request: SignedInRequest, batch_id: str) -> HttpResponse:
    """Which of one's sensors are in this batch."""
    batch = own_batch(request, batch_id)
    if request.method == "POST":
        place(request, batch_id)
        return redirect("batches:detail", batch.pk)
    return TemplateResponse(request, "sensors/of_batch.html", {"batch": batch, "sensors": mine(request)})


def place(request: SignedInRequest, batch_id: str) -> None:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    sensor = own_sensor(request, form.cleaned_data["sensor"])
    batch = None if form.cleaned_data["out"] else own_batch(request, batch_id)
    deed = Undoable(actions.edit, of=sensor)
    try:
        deed(sensor=sensor, now=timezone.now(), batch=batch)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        told = _("%(name)s is in this batch.") if batch else _("%(name)s is out of this batch.")
        messages.success(request, told % {"name": sensor.name}, extra_tags=way_back_from(deed))


def own_sensor(request: SignedInRequest, sensor_id: UUID) -> Sensor:
    return get_object_or_404(Sensor.objects.of(request.user).kept().select_related("latest"), pk=sensor_id)
