"""Who reads an answer, and in which order a reader meets the answers. Stable, and blind to ids and arrival."""

import hashlib
import hmac
from collections.abc import Mapping


def pick(load: Mapping[int, int], readers: int, seed: str) -> tuple[int, ...]:
    """Choose who reads one answer: the `readers` least loaded graders, the least loaded first.

    `load` is the number of answers each possible grader has to read. Ties are broken by HMAC-SHA-256 of the grader
    under `seed` (one per answer), so that the choice is repeatable and a low id is not always asked first.
    Gives fewer when there are fewer graders. Raises ValueError for a negative load or number of readers.
    """
    if readers < 0:
        raise ValueError(f"The number of readers cannot be negative: {readers}.")
    if any(count < 0 for count in load.values()):
        raise ValueError("A grader's load cannot be negative.")
    key = seed.encode()

    def rank(grader_id: int) -> tuple[int, bytes]:
        return load[grader_id], hmac.digest(key, str(grader_id).encode(), "sha256")

    return tuple(sorted(load, key=rank)[:readers])


def position(grader_id: int, question: str, answer_id: int) -> int:
    """Place an answer in one grader's own order for one question: sort by this number.

    A stable shuffle, different per grader and per question, that says nothing about arrival: the first 62 bits
    of a SHA-256, not negative, which fits a BIGINT of SQLite and PostgreSQL.
    """
    # The free text comes last: before it, no two triples can spell the same bytes.
    digest = hashlib.sha256(f"{grader_id}:{answer_id}:{question}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2
