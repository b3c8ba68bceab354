"""The environment of the processes of one instance. What is set already is never overridden."""

import os
import shlex
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from kefir.local.folder import Folder, write_privately
from kefir.local.refusals import Refusal
from kefir.local.s3 import free_port

PORT = 8000
# What another terminal needs to be part of the same instance. Not KEFIR_INSTANCE: what carries that is ended
# with the instance.
SHARED = (
    *("KEFIR_LOCAL", "KEFIR_DATA", "PORT", "BIND", "SITE_URL", "SECRET_KEY", "JWT_KEY", "VAPID_PRIVATE_KEY"),
    *("LIVE_PORT", "LIVE_URL", "DATABASE_URL", "REDIS_URL"),
    *(
        "S3_ENDPOINT_URL",
        "S3_PUBLIC_URL",
        "S3_REGION",
        "S3_BUCKET",
        "S3_ACCESS_KEY_ID",
        "S3_SECRET_ACCESS_KEY",
    ),
)


def is_set(environment: Mapping[str, str], name: str) -> bool:
    """A secret may come as NAME, or from the file in NAME_FILE."""
    return bool(environment.get(name, "").strip() or environment.get(f"{name}_FILE", "").strip())


def fill(environment: MutableMapping[str, str], defaults: Mapping[str, str]) -> None:
    environment.update({name: value for name, value in defaults.items() if not is_set(environment, name)})


def port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT", "").strip() or str(PORT)
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise Refusal(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def bind(environment: Mapping[str, str]) -> str:
    return environment.get("BIND", "").strip() or "127.0.0.1"


def data_folder(environment: Mapping[str, str], root: Path) -> Path:
    return Path(environment.get("KEFIR_DATA", "").strip() or root / "var").absolute()


def of_instance(given: Mapping[str, str], folder: Folder) -> dict[str, str]:
    environment = dict(given)
    fill(environment, live(given))
    fill(
        environment,
        {
            "KEFIR_LOCAL": "1",
            "PORT": str(port(given)),
            "BIND": bind(given),
            "SITE_URL": f"http://localhost:{port(given)}",
            "SECRET_KEY": folder.secret("SECRET_KEY"),
            "JWT_KEY": folder.secret("JWT_KEY"),
            # So much of it is a number of 32 bytes, which is what a key for messages to browsers is.
            "VAPID_PRIVATE_KEY": folder.secret("VAPID_PRIVATE_KEY")[:43],
            "PYTHONUNBUFFERED": "1",
        },
    )
    environment["KEFIR_DATA"] = str(folder.path)
    environment["KEFIR_INSTANCE"] = folder.instance
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), given.get("PATH", os.defpath)))
    if os.geteuid() == 0:
        # One warning of Celery, about something that was decided by whoever typed ./run as root.
        environment.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    return environment


def live(given: Mapping[str, str]) -> dict[str, str]:
    """Browsers go to the live process directly, unless the site is said to be elsewhere: then a proxy leads there."""
    live_port = given.get("LIVE_PORT", "").strip() or str(free_port())
    direct = {} if is_set(given, "SITE_URL") else {"LIVE_URL": f"http://localhost:{live_port}"}
    return {"LIVE_PORT": live_port, **direct}


def keep(environment: Mapping[str, str], folder: Folder) -> None:
    """For another terminal: `. var/env`."""
    lines = [f"export {name}={shlex.quote(environment[name])}" for name in SHARED if name in environment]
    path = f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
    write_privately(folder.path / "env", "\n".join([*lines, path, ""]))
