"""Structured logs: one JSON object a line, with the id of the request or of the job."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, request

from app import tokens

# Characters that could forge a line or colour a terminal.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Addresses that open something for whoever knows them.
SECRET_ADDRESS = re.compile(r"/(your-link|welcome)/[^\s\"'?#<>\\]+")


def init_app(app: Flask) -> None:
    """Configure structlog and give every request an id."""
    configure()
    app.before_request(_bind_request)


def configure(level: int = logging.INFO) -> None:
    """Log to standard error as JSON, in UTC."""
    logging.setLogRecordFactory(MaskedRecord)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_control,
            _without_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


class MaskedRecord(logging.LogRecord):
    """A line of the standard logging module: gunicorn names the address of a request that went wrong."""

    def getMessage(self) -> str:
        """The words, without the secret part of an address."""
        return masked(super().getMessage())


def masked(text: str) -> str:
    """A text in which no address opens anything."""
    return SECRET_ADDRESS.sub(r"/\1/…", text)


def _without_secrets(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def _without_control(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    return event


def _bind_request() -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=tokens.code(10), method=request.method, endpoint=request.endpoint)


def bind_job(job_id: str) -> None:
    """Name the job in every line that follows."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=job_id)
