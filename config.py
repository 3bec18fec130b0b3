"""Every setting of Winnow, read from the environment once.

This is the only file that looks at ``os.environ``. The README documents each name.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent
# A Unix socket's path may have 107 bytes; leave room for the name that the server appends while binding.
LONGEST_SOCKET_PATH = 100
SHORTEST_SECRET = 32
SHORTEST_TOKEN = 20
# Values that stand in examples on the internet and therefore keep nothing secret.
KNOWN_SECRETS = frozenset(
    {"changeme", "change-me", "secret", "secret-key", "dev", "development", "supersecret", "password", "winnow"}
)
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "glusterfs", "ceph"}
)
WORK_CLASSES = ("quick", "slow", "mail")


class ConfigError(SystemExit):
    """A setting that Winnow refuses to start with: the process ends with status 1 and this line, which says what to do.

    Python prints the text of a SystemExit; any other exception would bury it under a traceback.
    """


@dataclass(frozen=True)
class MailSettings:
    """How mail leaves. Without a server it stays in the local mailbox page."""

    server: str | None = None
    port: int = 587
    username: str | None = None
    password: str | None = None
    use_tls: bool = True
    use_ssl: bool = False
    sender: str = "Winnow <winnow@localhost>"


@dataclass(frozen=True)
class Config:
    """Settings of one process. Build it with :meth:`from_environ`, or directly in tests."""

    home: Path
    secret_key: str
    database_url: str
    redis_url: str
    production: bool = False
    # True when nobody named a queue server: the launcher then starts the bundled one on `redis_url`.
    embedded_queue: bool = True
    port: int = 8000
    challenges: Path | None = None
    secret_key_fallbacks: tuple[str, ...] = ()
    public_url: str | None = None
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    proxies: int = 0
    workers: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(WORK_CLASSES, 1))
    # A worker that does not fork is replaced after so many jobs, so that a slow leak never matters.
    jobs_per_worker: int = 1_000
    web_workers: int = 2
    mail: MailSettings = field(default_factory=MailSettings)
    # Who sends it may read /metrics from another machine; None: nobody may.
    metrics_token: str | None = field(default=None, repr=False)
    testing: bool = False
    debug: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check the settings; raise ConfigError with one line that says what to do."""
        env = dict(os.environ if environ is None else environ)
        production = _choice(env, "WINNOW_ENV", ("development", "production")) == "production"
        home = Path(env.get("WINNOW_HOME") or ROOT / "instance").expanduser().resolve()
        port = _integer(env, "PORT", 8000, 1, 65535)
        public_url = env.get("WINNOW_URL") or None
        config = cls(
            home=home,
            production=production,
            port=port,
            secret_key=env.get("SECRET_KEY") or ("" if production else _kept_secret(home)),
            secret_key_fallbacks=tuple(filter(None, env.get("SECRET_KEY_FALLBACKS", "").split(","))),
            database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{home / 'winnow.sqlite'}"),
            redis_url=_redis_url(env.get("REDIS_URL")) or f"unix://{quote(str(queue_socket(home)))}",
            embedded_queue=not env.get("REDIS_URL"),
            challenges=Path(env["WINNOW_CHALLENGES"]).resolve() if env.get("WINNOW_CHALLENGES") else None,
            public_url=public_url,
            trusted_hosts=_hosts(env, public_url),
            proxies=_integer(env, "WINNOW_PROXIES", 0, 0, 5),
            workers=_workers(env.get("WINNOW_WORKERS")),
            jobs_per_worker=_integer(env, "WINNOW_JOBS_PER_WORKER", 1_000, 1, 1_000_000),
            web_workers=_integer(env, "WINNOW_WEB_WORKERS", 2, 1, 64),
            mail=_mail(env),
            metrics_token=_metrics_token(env),
            debug=env.get("FLASK_DEBUG", "") not in ("", "0", "false"),
        )
        if production:
            _refuse_unsafe(config)
        return config

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None when the database is a server."""
        prefix = "sqlite:///"
        return Path(self.database_url.removeprefix(prefix)) if self.database_url.startswith(prefix) else None

    def flask(self) -> dict[str, object]:
        """The mapping that Flask and its extensions read."""
        https = self.production
        return {
            "WINNOW": self,
            "TESTING": self.testing,
            "DEBUG": self.debug,
            "SECRET_KEY": self.secret_key,
            "SECRET_KEY_FALLBACKS": list(self.secret_key_fallbacks),
            "TRUSTED_HOSTS": None if self.testing else list(self.trusted_hosts),
            "SESSION_COOKIE_NAME": "__Host-winnow" if https else "winnow",
            "SESSION_COOKIE_SECURE": https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            # The cookie; the sessions behind it are rows that end by themselves, a reading candidate's after 30 days.
            "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
            # A form is good as long as its session: people write for longer than an hour.
            "WTF_CSRF_TIME_LIMIT": None,
            "PREFERRED_URL_SCHEME": "https" if https else "http",
            # An answer has at most 100,000 characters; the rest is room for forms of many parts.
            "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAX_FORM_PARTS": 500,
        }


def child_environment(**settings: str) -> dict[str, str]:
    """The environment for a process of Winnow that shall have these settings and otherwise ours."""
    own = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "WINNOW_URL", "WINNOW_CHALLENGES", "MAIL_SERVER")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return kept | settings


def environment(prefix: str) -> dict[str, str]:
    """The variables whose names begin with `prefix`, without it: settings of tools beside Winnow."""
    return {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}


def queue_socket(home: Path) -> Path:
    """Where the bundled queue server listens; in the temporary folder when `home` is too long for a socket."""
    path = home / "queue" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"winnow-{name}.sock"


def _kept_secret(home: Path) -> str:
    """The key of a trial: made on first use, kept in the data folder, readable by its owner only."""
    path = home / "secret-key"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"The data folder {home} cannot be written ({error.strerror}). Set WINNOW_HOME to a folder of yours."
        ) from error
    key = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or allowed[0]
    if value not in allowed:
        raise ConfigError(f"{name} is {value!r}; it may be {' or '.join(allowed)}.")
    return value


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _database_url(url: str) -> str:
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        scheme = url.split(":", 1)[0]
        raise ConfigError(f"DATABASE_URL starts with {scheme!r}; Winnow speaks sqlite:///path and postgresql://…")
    return url


def _redis_url(url: str | None) -> str | None:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must start with redis://, rediss:// or unix://.")
    return url or None


def _hosts(env: Mapping[str, str], public_url: str | None) -> tuple[str, ...]:
    hosts = ["127.0.0.1", "localhost", "[::1]"]
    hosts += [host.strip() for host in env.get("WINNOW_HOSTS", "").split(",") if host.strip()]
    if public_url and (host := urlsplit(public_url).hostname):
        hosts.append(host)
    return tuple(dict.fromkeys(hosts))


def _workers(text: str | None) -> dict[str, int]:
    """`quick=2,slow=1` as a dictionary; every class of work needs at least one worker somewhere."""
    counts = dict.fromkeys(WORK_CLASSES, 1)
    for entry in filter(None, (text or "").split(",")):
        name, _, count = entry.strip().partition("=")
        if name not in counts or not count.isdigit() or int(count) > 64:
            raise ConfigError(
                f"WINNOW_WORKERS has {entry!r}; write for example quick=2,slow=1 (classes: {', '.join(counts)})."
            )
        counts[name] = int(count)
    return counts


def _mail(env: Mapping[str, str]) -> MailSettings:
    security = _choice(env, "MAIL_SECURITY", ("starttls", "tls", "none"))
    return MailSettings(
        server=env.get("MAIL_SERVER") or None,
        port=_integer(env, "MAIL_PORT", 465 if security == "tls" else 587, 1, 65535),
        username=env.get("MAIL_USERNAME") or None,
        password=env.get("MAIL_PASSWORD") or None,
        use_tls=security == "starttls",
        use_ssl=security == "tls",
        sender=env.get("MAIL_SENDER") or "Winnow <winnow@localhost>",
    )


def _metrics_token(env: Mapping[str, str]) -> str | None:
    token = env.get("WINNOW_METRICS_TOKEN", "").strip()
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise ConfigError(
            f"WINNOW_METRICS_TOKEN must have {SHORTEST_TOKEN} characters or more, without spaces. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return token or None


def _refuse_unsafe(config: Config) -> None:
    """Say no to a production start that would put people's data at risk."""
    key = config.secret_key
    if len(key) < SHORTEST_SECRET or key.lower() in KNOWN_SECRETS or len(set(key)) < 10:
        raise ConfigError(
            "SECRET_KEY is missing, short or well known. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if config.debug:
        raise ConfigError("FLASK_DEBUG is on. Unset it in production.")
    if not config.mail.server:
        raise ConfigError("MAIL_SERVER is not set. Candidates get their link and receipt by mail; name a mail server.")
    if not config.public_url or not config.public_url.startswith("https://"):
        raise ConfigError("WINNOW_URL is not set to an https:// address. Links in mails need it.")
    host = urlsplit(config.public_url).hostname or ""
    if _is_loopback(host):
        raise ConfigError("WINNOW_URL names this machine only. Set it to the address that candidates open.")
    if config.sqlite_path and (kind := _file_system(config.sqlite_path.parent)) in NETWORK_FILE_SYSTEMS:
        raise ConfigError(
            f"The SQLite database lies on a network disk ({kind}), which can lose data. Use a local disk or PostgreSQL."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _file_system(folder: Path) -> str | None:
    """The type of the mounted file system that holds `folder`, where the machine can tell."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best, kind = "", None
    for line in mounts:
        _, point, name, *_ = line.split(" ")
        if len(point) >= len(best) and (folder == Path(point) or Path(point) in folder.parents):
            best, kind = point, name
    return kind
