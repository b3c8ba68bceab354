"""The limit of the pages: the same rows from the same tables put into the same HTML in one file, without a framework.

What it does: check the signature of a cookie, ask PostgreSQL for the rows that the page shows, put them into the HTML
that Kefir wrote (`moulds.py` cuts it into what repeats and what does not). What it does not: look whether the sign-in
still lives, foretell, speak the reader's time zone, units and language, guard its forms, count against a limit, log.
Run by the web server of the Procfile with the same settings. Neither compresses.
"""

import hashlib
import hmac
import json
import os
import threading
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import psycopg

KEY = os.environ.get("JWT_KEY", "").encode()
MEASURED = """
    ARRAY(SELECT json_build_object('id', e.id, 'kind', e.kind, 'at', e.occurred_at, 'ph', e.ph, 'brix', e.brix,
        'temperature', e.temperature_c, 'taste', e.taste, 'fizz', e.fizz)
    FROM events_event e WHERE e.batch_id = b.id AND (e.ph IS NOT NULL OR e.brix IS NOT NULL
        OR e.temperature_c IS NOT NULL OR e.taste <> '' OR e.fizz IS NOT NULL OR e.kind = 'burped')
    ORDER BY e.occurred_at, e.id)
"""
PHOTOS = """
    ARRAY(SELECT json_build_object('id', p.id, 'key', p.thumbnail_key, 'width', p.width, 'height', p.height)
    FROM events_photo p WHERE p.batch_id = b.id AND p.state = 'ready' ORDER BY p.created_at DESC, p.id DESC LIMIT {})
"""
NEXT = """
    ARRAY(SELECT json_build_object('id', r.id, 'message', r.message, 'at', r.alert_at)
    FROM reminders_reminder r WHERE r.batch_id = b.id AND r.status IN ('waiting', 'sent')
    ORDER BY r.alert_at, r.id LIMIT 1)
"""
CHILDREN = """
    ARRAY(SELECT json_build_object('id', c.id, 'name', c.name, 'stage', c.stage, 'status', c.status)
    FROM batches_batch c WHERE c.parent_id = b.id ORDER BY c.started_at DESC, c.id DESC LIMIT 12)
"""
LIST = f"""
    SELECT b.id, b.name, b.started_at, {NEXT}, {MEASURED}, {PHOTOS.format(1)}, b.* FROM batches_batch b
    WHERE b.owner_id = %s AND b.status <> 'archived' ORDER BY b.started_at DESC, b.id DESC LIMIT 51
"""
ONE = f"""
    SELECT b.name, {MEASURED}, {PHOTOS.format(9)}, {CHILDREN}, b.* FROM batches_batch b
    WHERE b.id = %s AND b.owner_id = %s
"""
LINES = """
    SELECT e.description, e.occurred_at, e.ph, e.*, p.* FROM events_event e
    LEFT JOIN events_photo p ON p.event_id = e.id WHERE e.batch_id = %s ORDER BY e.occurred_at DESC, e.id DESC LIMIT 21
"""
DUE = """
    SELECT message, due_at, id, r.* FROM reminders_reminder r
    WHERE batch_id = %s AND status NOT IN ('done', 'cancelled', 'skipped') ORDER BY alert_at, id LIMIT 50
"""
local = threading.local()


def ask(statement: str, *values: str) -> list[tuple[Any, ...]]:
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        local.connection.prepare_threshold = 1
    rows: list[tuple[Any, ...]] = local.connection.execute(statement, values).fetchall()
    return rows


def signed(user: str) -> str:
    return f"{user}.{hmac.new(KEY, user.encode(), hashlib.sha256).hexdigest()}"


def user_of(environ: dict[str, Any]) -> str:
    cookies = dict(one.split("=", 1) for one in environ["HTTP_COOKIE"].split("; "))
    user = cookies["who"].partition(".")[0]
    if not hmac.compare_digest(signed(user), cookies["who"]):
        raise PermissionError
    return user


@cache
def mould(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(Path(os.environ["BARE_MOULDS"]).read_text(encoding="utf-8"))[name]
    return found


def times(at: datetime) -> dict[str, str]:
    return {"iso": at.isoformat(), "long": f"{at:%A %-d %B %Y, %H:%M}", "short": f"{at:%a %-d %b, %H:%M}"}


def shelf(user: str) -> str:
    form, parts = mould("list"), []
    for key, name, started_at, due, *_ in ask(LIST, user)[:50]:
        said = due[0] if due else {"message": name, "at": started_at.isoformat()}
        filled = {"key": key, "name": escape(name), "message": escape(said["message"])}
        parts.append(form["item"] % {**filled, **times(datetime.fromisoformat(said["at"]))})
    return form["before"] + "".join(parts) + form["after"]


def batch(user: str, key: str) -> str:
    form = mould("page")
    [(name, *_)] = ask(ONE, key, user)
    due = [
        form["reminder"] % {"id": one, "message": escape(message), **times(at)}
        for message, at, one, *_ in ask(DUE, key)
    ]
    lines = [
        form["line"] % {"text": escape(text), "ph": f"{ph:g}" if ph else "", **times(at)}
        for text, at, ph, *_ in ask(LINES, key)[:20]
    ]
    head = form["before"] % {"key": key, "name": escape(name)}
    return head + "".join(due) + form["between"] + "".join(lines) + form["after"] % {"key": key}


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    path, user = environ["PATH_INFO"], user_of(environ)
    body = shelf(user) if path == "/batches/" else batch(user, path.rpartition("/")[2])
    said = body.encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(said)))])
    return [said]
