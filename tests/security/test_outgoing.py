"""What leaves the server, against a real one on this machine that behaves badly in every way we know."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app import outgoing
from app.outgoing import Failed, Fault, Fetched, Hop, Limits, Reason
from tests.serving import serving

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "ssrf.json").read_text(encoding="utf-8"))
CERTIFICATE = Path(__file__).parents[1] / "vectors" / "tls.pem"
PUBLIC, OTHER = "93.184.215.14", "93.184.215.15"
HASTY = Limits(connect_s=0.3, total_s=0.4)


class Server(ThreadingHTTPServer):
    """A server that answers with what a test says, raw, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked, self.gone = {}, [], threading.Event()

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests want."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.requestline, dict(self.headers)))
        self.close_connection = True
        answer = self.server.answers[f"{self.headers['Host']}{self.path}"]
        for piece in [answer] if isinstance(answer, bytes) else answer():
            self.wfile.write(piece)

    def log_message(self, *args):
        pass


class World:
    """Names, their addresses and one server behind all of them; writes down every question and connection."""

    def __init__(self, server, trust=None):
        self.server, self.trust = server, trust
        self.dns = {"example.com": [PUBLIC], "example.org": [OTHER], "secure.example.org": [PUBLIC]}
        self.resolved, self.reached = [], []

    def resolve(self, host):
        self.resolved.append(host)
        return self.dns[host]

    def connect(self, address, port, timeout):
        self.reached.append((address, port))
        return socket.create_connection(("127.0.0.1", self.server.server_port), timeout)

    def fetch(self, url, limits=None):
        return outgoing.fetch(url, resolve=self.resolve, connect=self.connect, trust=self.trust, limits=limits)


@pytest.fixture
def world():
    server = Server()
    with serving(server):
        yield World(server)
        server.gone.set()


@pytest.fixture
def secure():
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.names = []
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield World(server, trust=ssl.create_default_context(cafile=str(CERTIFICATE)))
        server.gone.set()


def reply(body=b"", status="200 OK", **headers):
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def to(location, status="302 Found"):
    return reply(status=status, Location=location)


def drip(first, piece, server):
    """Send a little every 10 ms for as long as the test lasts."""

    def pieces():
        yield first
        while not server.gone.wait(0.01):
            yield piece

    return pieces


def test_a_page_is_fetched_with_its_type_size_and_fingerprint(world):
    world.server.answers["example.com/a?b=%C3%BC"] = reply(b"hello", Content_Type="Text/HTML; charset=utf-8")
    outcome = world.fetch("http://EXAMPLE.com/a?b=ü#part")
    url = "http://example.com/a?b=%C3%BC"
    digest = hashlib.sha256(b"hello").hexdigest()
    assert outcome == Fetched(url, 200, "text/html", b"hello", digest, (Hop(url, PUBLIC, 200),))


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "204 No Content", "304 Not Modified", "999 Odd"])
def test_every_last_answer_is_given_with_its_status(world, status):
    world.server.answers["example.com/"] = reply(status=status)
    assert world.fetch("http://example.com/").status == int(status[:3])


def test_the_request_says_who_asks_and_nothing_else_whatever_the_environment_holds(world, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine example.com login ben password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    world.server.answers["example.com/"] = to("http://example.org/").replace(
        b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"
    )
    world.server.answers["example.org/"] = reply(b"ok")
    assert world.fetch("http://example.com/").body == b"ok"
    (line, headers), (_, again) = world.server.asked
    expected = {"User-Agent": "Winnow", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    assert line == "GET / HTTP/1.1"
    assert headers == {"Host": "example.com", **expected}
    assert again == {"Host": "example.org", **expected}


def test_the_address_judged_is_the_one_connected_to_and_no_name_is_resolved_twice(world):
    world.server.answers["rebind.attacker.test/"] = reply(b"ok")
    changing = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    world.dns = {}
    outcome = outgoing.fetch(
        "http://rebind.attacker.test/",
        resolve=lambda host: world.resolved.append(host) or next(changing),
        connect=world.connect,
    )
    assert outcome.body == b"ok"
    assert world.resolved == ["rebind.attacker.test"]
    assert world.reached == [(PUBLIC, 80)]


def test_each_hop_is_resolved_and_judged_once_more(world):
    fresh = (f"93.184.215.{n}" for n in count(20))
    world.server.answers["ttl0.attacker.test/"] = to("/b")
    world.server.answers["ttl0.attacker.test/b"] = reply(b"ok")
    outcome = outgoing.fetch("http://ttl0.attacker.test/", resolve=lambda host: [next(fresh)], connect=world.connect)
    assert [hop.address for hop in outcome.hops] == ["93.184.215.20", "93.184.215.21"]
    assert world.reached == [("93.184.215.20", 80), ("93.184.215.21", 80)]


def test_a_name_that_turns_inward_at_the_second_hop_is_denied_there(world):
    changing = iter([[PUBLIC], ["127.0.0.1"]])
    world.server.answers["example.com/"] = to("/b")
    outcome = outgoing.fetch("http://example.com/", resolve=lambda host: next(changing), connect=world.connect)
    assert outcome == Failed(Reason.NOT_PUBLIC, "example.com", (Hop("http://example.com/", PUBLIC, 302),))
    assert world.reached == [(PUBLIC, 80)]


def test_where_one_address_does_not_answer_the_next_judged_one_is_tried(world):
    world.server.answers["example.com/"] = reply(b"ok")
    world.dns["example.com"] = ["2606:4700::1", PUBLIC]

    def connect(address, port, timeout):
        if ":" in address:
            raise OSError("no route")
        return world.connect(address, port, timeout)

    outcome = outgoing.fetch("http://example.com/", resolve=world.resolve, connect=connect)
    assert outcome.hops == (Hop("http://example.com/", PUBLIC, 200),)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), OSError("no route")])
def test_a_server_that_takes_no_connection_is_unreachable(error):
    def connect(address, port, timeout):
        raise error

    assert outgoing.fetch(f"http://{PUBLIC}/", connect=connect).reason is Fault.UNREACHABLE


@pytest.mark.parametrize("row", [row for row in VECTORS["cases"] if row["expect"] == "deny"], ids=lambda row: row["id"])
def test_nothing_is_sent_to_a_denied_address(world, row):
    world.dns = VECTORS["fake_dns"]
    assert isinstance(world.fetch(row["url"]).reason, Reason)
    assert world.reached == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", Reason.NOT_PUBLIC), ("http://127.0.0.1:6379/", Reason.PORT),
        ("file:///etc/passwd", Reason.SCHEME), ("//127.0.0.1/", Reason.NOT_PUBLIC),
        ("//2130706433/", Reason.ADDRESS_FORM),
        ("http://localhost/", Reason.SINGLE_LABEL), ("http://ben:secret@example.org/", Reason.USERINFO),
        ("\\\\127.0.0.1\\", Reason.CHARACTER), ("http://a b/", Reason.CHARACTER), ("http://[", Reason.HOST),
        ("http://[::ffff:127.0.0.1]/", Reason.NOT_PUBLIC), ("gopher://127.0.0.1:6379/_", Reason.SCHEME),
        ("http://nowhere.example.org/", Reason.UNRESOLVED), ("/" + "a" * 3000, Reason.TOO_LONG),
        ("http://example.org/\x01", Reason.CHARACTER),
    ],
)  # fmt: skip
def test_a_redirect_is_judged_like_any_address(world, location, reason):
    world.server.answers["example.com/"] = to(location)
    outcome = world.fetch("http://example.com/")
    assert outcome.reason is reason
    assert world.reached == [(PUBLIC, 80)]


@pytest.mark.parametrize("status", ["301 a", "302 b", "303 c", "307 d", "308 e"])
@pytest.mark.parametrize(
    ("location", "end"),
    [("b", "http://example.com/a/b"), ("//example.org/b", "http://example.org/b"), ("/ü", "http://example.com/%C3%BC")],
)
def test_redirects_are_followed_from_where_they_were_sent(world, status, location, end):
    world.server.answers["example.com/a/"] = to(location, status)
    world.server.answers[end.removeprefix("http://")] = reply(b"ok")
    outcome = world.fetch("http://example.com/a/")
    assert (outcome.url, outcome.body, len(outcome.hops)) == (end, b"ok", 2)


def test_three_redirects_are_followed_and_a_fourth_is_not(world):
    world.server.answers |= {f"example.com/{n}": to(f"/{n - 1}") for n in range(1, 5)}
    world.server.answers["example.com/0"] = reply(b"ok")
    assert world.fetch("http://example.com/3").body == b"ok"
    assert world.fetch("http://example.com/4").reason is Fault.TOO_MANY_REDIRECTS
    assert len(world.reached) == 8


def test_a_redirect_without_a_place_and_a_meta_refresh_are_last_answers(world):
    world.server.answers["example.com/"] = reply(b"nowhere", status="302 Found")
    refresh = b'<meta http-equiv="refresh" content="0; url=http://127.0.0.1/">'
    world.server.answers["example.com/b"] = reply(refresh, Refresh="0; url=http://127.0.0.1/")
    assert world.fetch("http://example.com/").body == b"nowhere"
    assert world.fetch("http://example.com/b").body == refresh
    assert len(world.reached) == 2


def test_a_slow_drip_ends_at_the_deadline_wherever_it_drips(world):
    ok, server = b"HTTP/1.1 200 OK\r\n", world.server
    server.answers = {
        "example.com/status": drip(b"HTTP/1.1 ", b"2", server),
        "example.com/header": drip(ok + b"A: ", b"a", server),
        "example.com/continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", server),
        "example.com/body": drip(ok + b"Content-Length: 5000\r\n\r\n", b"a", server),
        "example.com/endless": drip(ok + b"\r\n", b"a", server),
        "example.com/chunk": drip(ok + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", server),
        "example.com/size": drip(ok + b"Transfer-Encoding: chunked\r\n\r\n", b"0", server),
        "example.com/trailer": drip(ok + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: a\r\n", server),
        "example.com/silent": drip(b"", b"", server),
        "example.com/gzip": drip(ok + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\x00", server),
    }

    def wait(path):
        started = time.monotonic()
        outcome = world.fetch(f"http://{path}", HASTY)
        return outcome.reason, time.monotonic() - started < 2

    with ThreadPoolExecutor(len(server.answers)) as at_once:
        slow = dict(zip(server.answers, at_once.map(wait, server.answers), strict=True))
    slow.pop("example.com/gzip")  # Two zeros are no gzip block: an error may come before the deadline.
    assert set(slow.values()) == {(Fault.TIMEOUT, True)}


def test_redirects_share_one_deadline(world):
    def late():
        world.server.gone.wait(0.2)
        yield to("/")

    world.server.answers["example.com/"] = late
    assert world.fetch("http://example.com/", HASTY).reason is Fault.TIMEOUT


def test_a_resolver_that_does_not_answer_is_not_waited_for(world):
    started = time.monotonic()
    outcome = outgoing.fetch("http://example.com/", resolve=lambda host: world.server.gone.wait(5), limits=HASTY)
    assert outcome == Failed(Reason.UNRESOLVED, "example.com", ())
    assert time.monotonic() - started < 2


def test_a_body_up_to_the_limit_is_whole_and_beyond_it_is_refused(world):
    limits = Limits(body_bytes=1_000)
    for size in (0, 999, 1_000, 1_001, 500_000):
        world.server.answers[f"example.com/{size}"] = reply(b"a" * size)
    sizes = (0, 999, 1_000)
    assert [len(world.fetch(f"http://example.com/{size}", limits).body) for size in sizes] == list(sizes)
    assert world.fetch("http://example.com/1001", limits).reason is Fault.TOO_LARGE
    assert world.fetch("http://example.com/500000", limits).reason is Fault.TOO_LARGE


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n" + b"A: a\r\n" * 50 + b"\r\n", id="continue with headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="body"),
    ],
)
def test_a_flood_ends_before_the_deadline(world, piece):
    def flood():
        while True:
            yield piece * 100

    world.server.answers["example.com/"] = flood
    assert world.fetch("http://example.com/").reason is Fault.TOO_LARGE


def test_endless_trailers_and_frames_of_chunks_end_too(world):
    def flood(first, piece):
        def pieces():
            yield first
            while True:
                yield piece * 100

        return pieces

    world.server.answers = {
        "example.com/trailers": flood(CHUNKED + b"0\r\n", b"A: " + b"a" * 1000 + b"\r\n"),
        "example.com/frames": flood(CHUNKED, b"1;" + b"a" * 1000 + b"\r\na\r\n"),
        "example.com/chunks": flood(CHUNKED, b"1\r\na\r\n"),
    }
    assert {world.fetch(f"http://{path}").reason for path in world.server.answers} == {Fault.TOO_LARGE}


def test_a_compressed_page_is_read_and_a_bomb_is_not_unpacked(world):
    zeros = bytes(50_000_000)
    once = gzip.compress(zeros)
    server = world.server
    server.answers["example.com/page"] = reply(gzip.compress(b"hello"), Content_Encoding="gzip")
    server.answers["example.com/deflate"] = reply(zlib.compress(b"hello"), Content_Encoding="deflate")
    server.answers["example.com/bomb"] = reply(once, Content_Encoding="gzip")
    server.answers["example.com/flat"] = reply(zlib.compress(zeros), Content_Encoding="deflate")
    server.answers["example.com/twice"] = reply(gzip.compress(once), Content_Encoding="gzip, gzip")
    server.answers["example.com/brotli"] = reply(b"\x0b\x02\x80hello\x03", Content_Encoding="br")
    del zeros
    assert world.fetch("http://example.com/page").body == b"hello"
    assert world.fetch("http://example.com/deflate").body == b"hello"
    assert world.fetch("http://example.com/twice").reason is Fault.BAD_RESPONSE
    assert world.fetch("http://example.com/brotli").reason is Fault.BAD_RESPONSE
    tracemalloc.start()
    try:
        assert world.fetch("http://example.com/bomb").reason is Fault.TOO_LARGE
        assert world.fetch("http://example.com/flat").reason is Fault.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\r\n\r\n", b"hello\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 1000 High\r\n\r\n", b"HTTP/1.1 -1 Minus\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 " + b"a" * 70_000, OK + b"A: " + b"a" * 70_000 + b"\r\n\r\n", OK + b"A: a\r\n" * 101 + b"\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"\xff\xfe\x00\x00",
        OK + b"Content-Length: 10\r\n\r\nshort", OK + b"Content-Encoding: gzip\r\n\r\nnot gzip",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\n\x1f\x8b\x08\x00\x00\x00"[:-1],
        CHUNKED + b"zz\r\nhello\r\n", CHUNKED + b"5\r\nhel", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", CHUNKED,
        CHUNKED + b"5",
        OK + b"Content-Length: 5, 6\r\n\r\nhello", OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        CHUNKED + b"f" * 70_000,
    ],
    ids=lambda answer: ascii(answer)[:60],
)  # fmt: skip
def test_a_server_that_does_not_speak_http_has_answered_badly(world, answer):
    world.server.answers["example.com/"] = answer
    assert world.fetch("http://example.com/").reason is Fault.BAD_RESPONSE


@pytest.mark.parametrize(
    "location", ["http://example.com/\r\nLocation: http://127.0.0.1/", "/a\r\nLocation: //127.0.0.1/"]
)
def test_two_places_at_once_are_none(world, location):
    world.server.answers["example.com/"] = to(location)
    assert isinstance(world.fetch("http://example.com/").reason, Reason)


def answered(raw):
    """Fetch from a peer that has said `raw` already and hung up."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(raw)
        theirs.shutdown(socket.SHUT_WR)
        limits = Limits(total_s=5, body_bytes=1_000)
        used = iter([ours])
        return outgoing.fetch(f"http://{PUBLIC}/", connect=lambda *_: next(used, None) or gone(), limits=limits)


def gone():
    raise ConnectionRefusedError


words = st.sampled_from(
    [b"HTTP/1.1", b"HTTP/1.0", b" ", b"200", b"302", b"100", b"OK", b"\r\n", b"\n", b"\r\n\r\n", b"Content-Length:",
    b"5",
     b"-1", b"99999999999999999999999", b"Transfer-Encoding:", b"chunked", b"Content-Encoding:", b"gzip", b"deflate",
     b"\x00",
     b"Location:", b"//", b"http://[", b"\xff", b"Content-Type:", b";", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
     b"0"]
)  # fmt: skip
headers = st.tuples(
    st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Location", b"Content-Type", b"X"]),
    st.one_of(words, st.binary(max_size=10), st.lists(words, max_size=3).map(b"".join)),
).map(lambda pair: b": ".join(pair) + b"\r\n")
sent = st.one_of(
    st.binary(max_size=200),
    st.lists(words, max_size=20).map(b"".join),
    st.builds(
        lambda status, lines, body: b"HTTP/1.1 " + status + b" x\r\n" + b"".join(lines) + b"\r\n" + body,
        st.sampled_from([b"200", b"302", b"204", b"100", b"206", b"599"]),
        st.lists(headers, max_size=5),
        st.one_of(st.binary(max_size=100), st.lists(words, max_size=8).map(b"".join)),
    ),
)


@given(sent)
def test_whatever_a_server_says_the_outcome_is_a_value(raw):
    outcome = answered(raw)
    assert isinstance(outcome, (Fetched, Failed))
    assert not isinstance(outcome, Fetched) or len(outcome.body) <= 1_000


def test_a_certificate_for_the_name_passes_and_the_name_is_what_the_server_hears(secure):
    secure.server.answers["secure.example.org/"] = reply(b"ok")
    outcome = secure.fetch("https://secure.example.org/")
    assert outcome.body == b"ok"
    assert secure.server.names == ["secure.example.org"]
    assert secure.reached == [(PUBLIC, 443)]


def test_a_certificate_nobody_vouches_for_or_for_another_name_fails(secure):
    secure.server.answers |= {
        "secure.example.org/": reply(b"ok"),
        "example.com/": reply(b"ok"),
        f"{PUBLIC}/": reply(b"ok"),
    }
    assert secure.fetch("https://example.com/").reason is Fault.TLS
    assert secure.fetch(f"https://{PUBLIC}/").reason is Fault.TLS
    secure.trust = None
    assert secure.fetch("https://secure.example.org/").reason is Fault.TLS
    assert secure.server.asked == []


def test_a_server_without_tls_fails_and_one_that_never_shakes_hands_ends_in_time(world):
    listening = socket.create_server(("127.0.0.1", 0))
    with listening:
        started = time.monotonic()
        address = listening.getsockname()
        outcome = outgoing.fetch(
            f"https://{PUBLIC}/", connect=lambda *_: socket.create_connection(address, 1), limits=HASTY
        )
        assert outcome.reason is Fault.TIMEOUT
        assert time.monotonic() - started < 2
    assert world.fetch(f"https://{PUBLIC}/").reason in (Fault.TLS, Fault.BAD_RESPONSE)


def test_limits_hold_inside_tls(secure):
    secure.server.answers["secure.example.org/drip"] = drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a", secure.server)
    secure.server.answers["secure.example.org/large"] = reply(b"a" * 70_000)
    started = time.monotonic()
    assert secure.fetch("https://secure.example.org/drip", HASTY).reason is Fault.TIMEOUT
    assert time.monotonic() - started < 2
    assert secure.fetch("https://secure.example.org/large").reason is Fault.TOO_LARGE


def test_a_redirect_never_leaves_tls(secure):
    secure.server.answers["secure.example.org/"] = to("http://example.com/")
    outcome = secure.fetch("https://secure.example.org/")
    assert (outcome.reason, outcome.host) == (Fault.DOWNGRADE, "example.com")
    assert secure.reached == [(PUBLIC, 443)]


def test_a_failure_is_logged_with_its_host_and_no_path_query_or_secret(world, caplog):
    world.server.answers["example.com/path?token=canary"] = OK + b"Content-Length: 9\r\ncanary\r\n\r\n"
    world.server.answers["example.com/fine"] = reply(b"ok")
    with capture_logs() as lines:
        world.fetch("http://example.com/path?token=canary")
        world.fetch("http://ben:canary@example.com/canary")
        world.fetch("http://printer.local/canary")
        world.fetch("http://example.com/fine")
    assert [(line["event"], line["host"], line["reason"]) for line in lines] == [
        ("outgoing_failed", "example.com", "bad_response"),
        ("outgoing_failed", "", "userinfo"),
        ("outgoing_failed", "printer.local", "internal_name"),
    ]
    assert "canary" not in repr(lines) + caplog.text


def test_the_machine_is_asked_for_the_whole_name_so_that_its_search_list_has_no_say(monkeypatch):
    asked = []

    def getaddrinfo(host, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    outcome = outgoing.fetch("http://redis.default.example.com/")
    assert asked == ["redis.default.example.com."]
    assert outcome.reason is Reason.NOT_PUBLIC
