"""The limit of the pages: the same words from the same tables in one file, without a framework and without rules.

What it does: check the signature of a cookie, ask PostgreSQL, put the rows into HTML. What it does not: look whether
the sign-in still lives, foretell, speak the reader's time zone, units and language, count against a limit, log. Run by
the web server of the Procfile with the same settings.
"""

import hashlib
import hmac
import os
import threading
from html import escape

import psycopg

KEY = os.environ.get("JWT_KEY", "").encode()
LIST = """
    SELECT id, name, culture, stage, status, started_at FROM batches_batch
    WHERE owner_id = %s AND status <> 'archived' ORDER BY started_at DESC, id DESC LIMIT 50
"""
ONE = "SELECT id, name, culture, stage, status, started_at, notes FROM batches_batch WHERE id = %s AND owner_id = %s"
LINES = """
    SELECT kind, occurred_at, description, ph FROM events_event WHERE batch_id = %s
    ORDER BY occurred_at DESC, id DESC LIMIT 20
"""
DUE = """
    SELECT message, alert_at FROM reminders_reminder WHERE batch_id = %s AND status IN ('waiting', 'sent')
    ORDER BY alert_at, id
"""
HEAD = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Kefir</title></head><body><main>"
local = threading.local()


def ask(statement: str, *values: str) -> list[tuple]:
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        local.connection.prepare_threshold = 1
    return local.connection.execute(statement, values).fetchall()


def signed(user: str) -> str:
    return f"{user}.{hmac.new(KEY, user.encode(), hashlib.sha256).hexdigest()}"


def user_of(environ: dict) -> str:
    cookies = dict(one.split("=", 1) for one in environ["HTTP_COOKIE"].split("; "))
    user = cookies["who"].partition(".")[0]
    if not hmac.compare_digest(signed(user), cookies["who"]):
        raise PermissionError
    return user


def shelf(user: str) -> str:
    return "".join(
        f'<article data-state="{stage}"><p>{stage} {culture}</p><h3><a href="/batches/{key}">{escape(name)}</a></h3>'
        f"<time datetime={at.isoformat()}>{at:%a %d %b, %H:%M}</time></article>"
        for key, name, culture, stage, _, at in ask(LIST, user)
    )


def batch(user: str, key: str) -> str:
    [(_, name, culture, stage, _, at, notes)] = ask(ONE, key, user)
    due = "".join(
        f"<li><time datetime={alert.isoformat()}>{alert:%a %d %b, %H:%M}</time> {escape(message)}</li>"
        for message, alert in ask(DUE, key)
    )
    lines = "".join(
        f"<li><strong>{kind}</strong> <time datetime={when.isoformat()}>{when:%a %d %b, %H:%M}</time>"
        f"<p>{escape(said)}</p>{f'<b>pH {ph:g}</b>' if ph else ''}</li>"
        for kind, when, said, ph in ask(LINES, key)
    )
    return (
        f"<h1>{escape(name)}</h1><p>{stage} {culture} {at:%a %d %b, %H:%M}</p>"
        f"<ul>{due}</ul><ol>{lines}</ol><p>{escape(notes)}</p>"
    )


def application(environ: dict, start_response) -> list[bytes]:
    path = environ["PATH_INFO"]
    if path == "/hello":
        body = "Hello."
    elif path == "/batches/":
        body = shelf(user_of(environ))
    else:
        body = batch(user_of(environ), path.rpartition("/")[2])
    said = f"{HEAD}{body}</main></body></html>".encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(said)))])
    return [said]
