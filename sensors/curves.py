"""What is drawn of a batch: its readings, thinned by the database to as many as an eye can tell apart."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

MOST = 300

# Each sensor's readings, averaged within equal spans of time. One pass over the batch's own part of the index.
THINNED = """
    WITH own AS MATERIALIZED (
        SELECT sensor_id, extract(epoch FROM measured_at)::float8 AS at, temperature_c, gravity_sg
        FROM sensors_reading WHERE batch_id = %s
    ), span AS (
        SELECT min(at) AS first, max(at) AS last, count(DISTINCT sensor_id)::int AS sensors FROM own
    ), thinned AS (
        SELECT sensor_id, avg(at) AS at, avg(temperature_c) AS temperature_c, avg(gravity_sg) AS gravity_sg
        FROM own, span
        GROUP BY sensor_id, width_bucket(at, first, last + 1, greatest(1, %s / sensors))
    )
    SELECT sensor.id, sensor.name, to_timestamp(thinned.at), thinned.temperature_c, thinned.gravity_sg
    FROM thinned JOIN sensors_sensor AS sensor ON sensor.id = thinned.sensor_id
    ORDER BY sensor.created_at, sensor.id, thinned.at
"""


class Point(NamedTuple):
    sensor_id: UUID
    sensor: str
    at: datetime
    temperature_c: float | None
    gravity_sg: float | None


def points(batch_id: str, *, most: int = MOST) -> list[Point]:
    with connection.cursor() as cursor:
        cursor.execute(THINNED, [batch_id, most])
        return [Point(*row) for row in cursor.fetchall()]
