"""What an opening asks beside the usual: the questions that a recruiter sets, and the replies as they were given."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.refusals import Refused

MOST_QUESTIONS = 8
LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_REPLY = 200, 80, 500
MOST_CHOICES = 10


class Kind(enum.Enum):
    """How a question is answered. An amount is text: currencies and periods differ from place to place."""

    YES_NO = "yes_no"
    TEXT = "text"
    CHOICE = "choice"
    AMOUNT = "amount"


class Preset(enum.Enum):
    """A question that Winnow can ask in the reader's language."""

    WORK_PERMISSION = "work_permission"
    NOTICE = "notice"
    EXPECTED_PAY = "expected_pay"


KIND_OF = {Preset.WORK_PERMISSION: Kind.YES_NO, Preset.NOTICE: Kind.TEXT, Preset.EXPECTED_PAY: Kind.AMOUNT}


class BadQuestion(Refused):
    """A question that cannot be asked like this."""

    status = 422
    code = "bad_question"


@dataclass(frozen=True)
class Question:
    """One question. A preset has its words from Winnow and `text` empty; all others are asked as they are written."""

    kind: Kind
    is_required: bool
    text: str = ""
    choices: tuple[str, ...] = ()
    preset: Preset | None = None


@dataclass(frozen=True)
class Reply:
    """A question in the words in which it was asked, and the answer: of yes or no, the code `yes` or `no`."""

    kind: Kind
    question: str
    answer: str
    preset: Preset | None = None


def preset(which: Preset, is_required: bool) -> Question:
    """One of the questions that Winnow has words for."""
    return Question(KIND_OF[which], is_required, preset=which)


def stored(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The questions as an opening keeps them; refused where one cannot be asked."""
    if len(questions) > MOST_QUESTIONS:
        raise BadQuestion("Please ask at most %(most)d questions.", most=MOST_QUESTIONS)
    for question in questions:
        _check(question)
    return [
        {
            "kind": question.kind.value,
            "is_required": question.is_required,
            "text": question.text,
            "choices": list(question.choices),
            "preset": question.preset.value if question.preset else None,
        }
        for question in questions
    ]


def _check(question: Question) -> None:
    if question.preset is not None:
        return
    if not 0 < len(question.text) <= LONGEST_QUESTION:
        raise BadQuestion("A question has between 1 and %(most)d characters.", most=LONGEST_QUESTION)
    if question.kind is not Kind.CHOICE:
        return
    if not 2 <= len(set(question.choices)) == len(question.choices) <= MOST_CHOICES:
        raise BadQuestion(
            "A choice needs between 2 and %(most)d different answers, each on a line of its own.", most=MOST_CHOICES
        )
    if max(len(choice) for choice in question.choices) > LONGEST_CHOICE:
        raise BadQuestion("Each answer to choose from has at most %(most)d characters.", most=LONGEST_CHOICE)


def read(rows: Sequence[Mapping[str, Any]]) -> list[Question]:
    """The questions that an opening keeps."""
    return [
        Question(
            Kind(row["kind"]),
            row["is_required"],
            row["text"],
            tuple(row["choices"]),
            Preset(row["preset"]) if row["preset"] else None,
        )
        for row in rows
    ]


def freeze(asked: Sequence[Question], replies: Sequence[Reply | None]) -> list[dict[str, Any]]:
    """The replies, one for each question that was asked, as an application keeps them; refused where one cannot be.

    None, or an empty answer, is none: refused where an answer is required, else left out.
    """
    kept = []
    for question, reply in zip(asked, replies, strict=True):
        if reply is None or not reply.answer:
            if question.is_required:
                raise BadQuestion("One of the questions is not answered yet.")
            continue
        _check_reply(question, reply)
        kept.append(
            {
                "kind": question.kind.value,
                "question": reply.question,
                "answer": reply.answer,
                "preset": question.preset.value if question.preset else None,
            }
        )
    return kept


def _check_reply(question: Question, reply: Reply) -> None:
    allowed = {Kind.YES_NO: ("yes", "no"), Kind.CHOICE: question.choices}.get(question.kind)
    if (allowed is not None and reply.answer not in allowed) or len(reply.answer) > LONGEST_REPLY:
        raise BadQuestion("One of the questions has an answer that cannot be taken.")


def replies(rows: Sequence[Mapping[str, Any]]) -> list[Reply]:
    """The replies that an application keeps."""
    return [
        Reply(Kind(row["kind"]), row["question"], row["answer"], Preset(row["preset"]) if row["preset"] else None)
        for row in rows
    ]
