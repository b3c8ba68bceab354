"""The limit: the same answers from the same tables in one file, without a framework and without rules.

What it does: check the token's signature, ask PostgreSQL once, answer the same JSON. What it does not: look whether the
sign-in still lives, count against a limit, check what is written, tell reminders, log. Run by the web server of the
Procfile with the same settings.
"""

import hashlib
import hmac
import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import psycopg

KEY = os.environ["JWT_KEY"].encode()
SITE = os.environ["SITE_URL"]
BATCH = """
    id name culture stage status water_volume_ml sugar_grams sugar_type grains_grams fruits temperature_c started_at
    target_hours bottled_at bottle_count bottle_volume_ml bottle_kind added_sugar_grams bottled_temperature_c
    bottled_target_hours ready_at archived_at notes is_public public_note parent_id grains_id new_grains version id
    created_at updated_at
"""
NAMES = """
    id name culture stage status waterVolumeMl sugarGrams sugarType grainsGrams fruits temperatureC startedAt
    targetHours bottledAt bottleCount bottleVolumeMl bottleKind addedSugarGrams bottledTemperatureC
    bottledTargetHours readyAt archivedAt notes isPublic publicNote parent grains newGrains version publicUrl
    createdAt updatedAt
"""
WIRE = NAMES.split()
LIST = f"""
    SELECT {", ".join(BATCH.split())} FROM batches_batch WHERE owner_id = %s AND status <> 'archived'
    ORDER BY started_at DESC, id DESC LIMIT 51
"""
WRITE = """
    INSERT INTO events_event (id, batch_id, kind, occurred_at, description, taste, data, created_at, updated_at)
    SELECT %s, id, %s, %s, %s, '', '{}', %s, %s FROM batches_batch WHERE id = %s AND owner_id = %s
"""
local = threading.local()


def database() -> psycopg.Connection:
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        local.connection.prepare_threshold = 1
        local.connection.execute("SET TIME ZONE UTC")
    return local.connection


def user_of(environ: dict) -> str:
    head, claims, signature = environ["HTTP_AUTHORIZATION"][7:].encode().split(b".")
    ours = hmac.new(KEY, head + b"." + claims, hashlib.sha256).digest()
    if not hmac.compare_digest(urlsafe_b64encode(ours).rstrip(b"="), signature):
        raise PermissionError
    return orjson.loads(urlsafe_b64decode(claims + b"=="))["sub"]


def batches(user: str) -> dict:
    rows = database().execute(LIST, [user]).fetchall()
    results = [dict(zip(WIRE, row, strict=True)) for row in rows[:50]]
    for one in results:
        one["publicUrl"] = f"{SITE}/b/{one['id']}"
    return {"next": rows[-1][0] if len(rows) > 50 else None, "previous": None, "results": results}


def record(user: str, batch: str, said: dict) -> dict:
    key, now = uuid4(), datetime.now(UTC)
    values = [key, said["kind"], now, said["description"], now, now, batch, user]
    if database().execute(WRITE, values).rowcount != 1:
        raise LookupError
    return {
        "id": key, "batch": batch, "kind": said["kind"], "occurredAt": now, "description": said["description"],
        "ph": None, "brix": None, "temperatureC": None, "taste": "", "fizz": None, "sign": "", "phBy": "", "data": {},
        "createdAt": now, "updatedAt": now,
    }  # fmt: skip


def application(environ: dict, start_response) -> list[bytes]:
    user = str(UUID(user_of(environ)))
    if environ["REQUEST_METHOD"] == "POST":
        body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        status, answer = "201 Created", record(user, environ["PATH_INFO"].split("/")[4], body)
    else:
        status, answer = "200 OK", batches(user)
    said = orjson.dumps(answer, option=orjson.OPT_UTC_Z)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
    return [said]
