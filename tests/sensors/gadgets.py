"""Bodies as the makers' documents show them, and sensors to send them with."""

from typing import Any

from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from sensors import actions, shapes
from sensors.models import Reading, Sensor
from tests.factories import NOON

# iSpindel, generic HTTP; its own example has the gravity in °P.
ISPINDEL = {
    "name": "iSpindel000", "ID": 4974097, "token": "", "angle": 83.49442, "temperature": 21.4375,
    "temp_units": "C", "battery": 4.035453, "gravity": 30.29128, "interval": 60, "RSSI": -76,
}  # fmt: skip
# GravityMon, which speaks iSpindel.
GRAVITYMON = {
    "name": "gravmon", "ID": "2E6753", "token": "gravmon", "interval": 900, "temperature": 20.5, "temp_units": "C",
    "gravity": 1.0050, "angle": 45.34, "battery": 3.67, "rssi": -12, "corr-gravity": 1.0050, "gravity-unit": "G",
    "run-time": 6,
}  # fmt: skip
# Tilt Pi's cloud URL, as a form.
TILT = {
    "Timepoint": "43984.33630927084", "SG": "1.021", "Temp": "69", "Color": "BLUE", "Beer": "Ginger,1", "Comment": "",
}  # fmt: skip
# RAPT's custom web hook, with the @variables under their own names.
RAPT = {
    "device_id": "0f4bb1cc-1d4e-4a5c-8a5f-6f9d9f7c0c11", "device_type": "Hydrometer", "device_name": "Yellow pill",
    "temperature": "19.81", "gravity": "1045.3", "battery": "87.2", "rssi": "-61",
    "created_date": "2026-03-01T11:58:00Z",
}  # fmt: skip
# Brewfather's custom stream.
STREAM = {
    "name": "YourDeviceName", "temp": 20.32, "aux_temp": 15.61, "ext_temp": 6.51, "temp_unit": "C",
    "gravity": 1.042, "gravity_unit": "G", "pressure": 10, "pressure_unit": "PSI", "ph": 4.12, "bpm": 123,
    "comment": "Hello World", "beer": "Pale Ale", "battery": 4.98,
}  # fmt: skip


def make_sensor(*, owner: User, name: str = "Blue float", **filled: Any) -> tuple[Sensor, str]:
    return actions.add(owner=owner, name=name, **{"now": NOON, **filled})


def hear(sensor: Sensor, *, now: Any, **sent: Any) -> Reading:
    """A reading of this sensor, by the verbs."""
    reading, _ = actions.take(sensor=sensor, said=shapes.read({"name": "x", **sent}), now=now)
    return reading


def post(token: str, body: Any, **extra: Any) -> Any:
    """One post of a gadget, which has no cookie and no patience."""
    cache.clear()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    return APIClient().post("/api/v1/ingest", body, format="json", **headers, **extra)
