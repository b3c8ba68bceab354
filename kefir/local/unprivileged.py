"""As whom PostgreSQL runs when root starts it, because it refuses root.

Only its own folder changes hands; no folder above it is opened, and no user is made.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kefir.local.refusals import Refusal


@dataclass(frozen=True)
class Runner:
    """A user to run as, and a command that first grants the one right that user lacks."""

    user: tuple[int, int] | None = None
    prefix: tuple[str, ...] = ()

    def reaches(self, folder: Path, program: Path) -> bool:
        """Whether this user gets to its folder and can run the program, and not root in its place."""
        script = 'cd "$1" && : > .reached && rm .reached && exec "$2" --version'
        uid, gid = self.user or (None, None)
        try:
            tried = subprocess.run(
                [*self.prefix, "/bin/sh", "-c", script, "sh", folder, program],
                user=uid,
                group=gid,
                extra_groups=None if self.user is None else [],
                cwd="/",
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        return tried.returncode == 0


def runner_for(folder: Path, program: Path) -> Runner:
    """`folder` is handed over to the user that the runner runs as."""
    if os.geteuid() != 0:
        return Runner()
    account = _account(folder)
    _hand_over(folder, account)
    for runner in runners(account):
        if runner.reaches(folder, program):
            return runner
    raise Refusal(
        f"PostgreSQL refuses to run as root, and {account.pw_name} cannot get to {folder} or {program}."
        " Run Kefir as an ordinary user, or from a folder all may enter, or set DATABASE_URL."
    )


def _account(folder: Path) -> pwd.struct_passwd:
    owner = folder.stat().st_uid
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        return pwd.getpwnam("nobody")


def _hand_over(folder: Path, account: pwd.struct_passwd) -> None:
    """Root may have unpacked a backup here, so every file is looked at."""
    try:
        for path in (folder, *folder.rglob("*")):
            if path.lstat().st_uid != account.pw_uid:
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    except OSError as error:
        raise Refusal(
            f"{folder} cannot be given to {account.pw_name} ({error.strerror}), and PostgreSQL refuses to run as"
            " root. Run Kefir as an ordinary user, choose another KEFIR_DATA, or set DATABASE_URL."
        ) from None


def runners(account: pwd.struct_passwd) -> Iterator[Runner]:
    yield Runner(user=(account.pw_uid, account.pw_gid))
    # A project under /root, say: its files may be read, but root's other powers are gone. Containers often
    # keep the first of the two rights from root itself.
    for right in ("dac_read_search", "dac_override") if shutil.which("setpriv") else ():
        yield Runner(
            prefix=(
                "setpriv",
                f"--reuid={account.pw_uid}",
                f"--regid={account.pw_gid}",
                "--clear-groups",
                # Without this bit access(2), which PostgreSQL asks, would ignore the right.
                "--securebits=+no_setuid_fixup",
                f"--inh-caps=+{right}",
                f"--ambient-caps=+{right}",
                # The one set at fork does not survive the change of user.
                "--pdeathsig=INT",
            )
        )
