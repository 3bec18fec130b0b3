"""The security headers of every answer."""

from __future__ import annotations

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

# No inline script or style, nothing from other hosts. Pico draws its small arrows with data: images.
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {frames}; object-src 'none'"
)


def init_app(app: Flask) -> None:
    """Register the hook."""
    app.after_request(add)


def add(response: Response) -> Response:
    """Set what is not set already. Pages are never stored by caches; static files may be."""
    headers = response.headers
    # The set-up shows the candidate's page in a frame of its own site.
    frames = "'self'" if request.endpoint in current_app.config["WINNOW_FRAMED"] else "'none'"
    headers.setdefault("Content-Security-Policy", POLICY.format(frames=frames))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    is_secret = request.endpoint in current_app.config["WINNOW_UNREFERRED"]
    headers.setdefault("Referrer-Policy", "no-referrer" if is_secret else "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if current_app.config["WINNOW"].production:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def without_forms(response: Response) -> Response:
    """A page of which nothing can be sent, shown in a frame of this site: the preview of a challenge."""
    policy = POLICY.replace("form-action 'self'", "form-action 'none'").format(frames="'self'")
    response.headers["Content-Security-Policy"] = policy
    return response
