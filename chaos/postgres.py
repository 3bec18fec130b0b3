"""A PostgreSQL cluster of our own on a Unix socket, started as an unprivileged user. No other cluster is touched."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from app.processes import kill_session

# PostgreSQL refuses to run as root; root lets this user run it.
NOBODY = "nobody"
NAME = "winnow"
# Seconds for a cluster to answer, recovery after a crash included.
READY_WITHIN = 60.0
LONGEST_SOCKET_FOLDER = 85


class NoCluster(SystemExit):
    """PostgreSQL cannot be used here: one line that says what to do, and exit status 1."""


@dataclass
class Cluster:
    """A cluster in `folder`; it runs while the block lasts."""

    folder: Path
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.folder), safe='')}"

    @property
    def _maintenance(self) -> str:
        """The address of the database that every cluster has."""
        return self.url.replace(f"/{NAME}?", "/postgres?")

    def __enter__(self) -> Self:
        """Start it; where the folder has no cluster yet, create one."""
        if len(os.fsencode(self.folder)) > LONGEST_SOCKET_FOLDER:
            raise NoCluster(f"{self.folder} is too long for a socket. Set CHAOS_HOME to a shorter folder.")
        is_new = not self.folder.exists()
        if is_new:
            self._create()
        self.start()
        if is_new:
            with psycopg.connect(self._maintenance, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {NAME}")
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop it; the files stay."""
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.crash()

    def _create(self) -> None:
        self.folder.mkdir(parents=True, mode=0o700)
        if os.getuid() == 0:
            person = pwd.getpwnam(NOBODY)
            os.chown(self.folder, person.pw_uid, person.pw_gid)
        options = ["--auth=trust", f"--username={NAME}", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [program("initdb"), f"--pgdata={self.folder / 'data'}", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **self._user(),
        )
        if made.returncode:
            hint = f"The user {NOBODY} must be able to enter every folder above. " if os.getuid() == 0 else ""
            raise NoCluster(f"initdb failed in {self.folder}. {hint}{made.stdout[-500:].decode(errors='replace')}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # No port: only who can enter the folder reaches it.
        options = [f"-k{self.folder}", "-clisten_addresses=", "-cmax_connections=60"]
        with (self.folder.parent / "postgresql.log").open("ab") as log:
            self.server = subprocess.Popen(
                [program("postgres"), "-D", str(self.folder / "data"), *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._user(),
            )
        ends = time.monotonic() + READY_WITHIN
        while not self._answers():
            if self.server.poll() is not None or time.monotonic() > ends:
                raise NoCluster(f"PostgreSQL does not start. Read {self.folder.parent / 'postgresql.log'}")
            time.sleep(0.05)

    def crash(self) -> None:
        """Kill every process of the cluster at once, as a lost machine would."""
        if self.server:
            kill_session(self.server.pid)
            self.server.wait()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._maintenance, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _user(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}


def program(name: str) -> str:
    """The path of a program of PostgreSQL: the newest installed one."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    found = str(installed[0]) if installed else shutil.which(name)
    if found is None:
        raise NoCluster(f"There is no {name} here. Install PostgreSQL's server, or leave CHAOS_DATABASE out.")
    return found
