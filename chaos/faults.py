"""What must be nought after a run: plain SQL of our own, and Winnow's own `flask invariants`."""

from __future__ import annotations

import json
import subprocess
import sys

import config

# What must be nought, whatever was killed.
FAULTS = {
    "checks that did not succeed": "SELECT count(*) FROM work WHERE kind = 'check' AND state <> 'SUCCEEDED'",
    "submissions without a check or with several": """
        SELECT count(*) FROM submission
        WHERE 1 <> (SELECT count(*) FROM work WHERE kind = 'check' AND subject_id = submission.id)""",
    "facts without a check that succeeded": """
        SELECT count(*) FROM check_facts WHERE NOT EXISTS (
            SELECT 1 FROM work WHERE kind = 'check' AND subject_id = check_facts.submission_id
            AND state = 'SUCCEEDED')""",
    "checks that succeeded without facts": """
        SELECT count(*) FROM work WHERE kind = 'check' AND state = 'SUCCEEDED' AND 1 <> (
            SELECT count(*) FROM check_facts WHERE submission_id = work.subject_id)""",
    "checks counted more or less often than done": """
        SELECT abs((SELECT count(*) FROM check_facts)
            - (SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'checked'))""",
    "submissions without a receipt by mail or with several": """
        SELECT abs((SELECT count(*) FROM submission) - (SELECT count(*) FROM mail WHERE message = 'receipt'))""",
    "mails not sent": "SELECT count(*) FROM mail WHERE sent_at IS NULL",
    "attempts that miscount their submissions": """
        SELECT count(*) FROM attempt
        WHERE submission_count <> (SELECT count(*) FROM submission WHERE attempt_id = attempt.id)""",
    "submissions without an event in the audit trail": """
        SELECT count(*) FROM submission WHERE 1 <> (
            SELECT count(*) FROM audit_event WHERE action = 'submission.submit' AND subject_kind = 'submission'
            AND subject_id = submission.id)""",
    "events that the seal of the audit trail passed over": """
        SELECT count(*) FROM audit_event
        WHERE id < (SELECT max(event_id) FROM audit_seal)
        AND NOT EXISTS (SELECT 1 FROM audit_seal WHERE event_id = audit_event.id)""",
    "links that were not opened once": """
        SELECT count(*) FROM work WHERE kind = 'freeze' AND (state <> 'SUCCEEDED' OR 1 <> (
            SELECT count(*) FROM frozen_page WHERE submission_id = work.subject_id))""",
    "pages that no run has kept": """
        SELECT count(*) FROM frozen_page WHERE NOT EXISTS (
            SELECT 1 FROM work WHERE kind = 'freeze' AND subject_id = frozen_page.submission_id
            AND state = 'SUCCEEDED')""",
    "files that were not copied once": """
        SELECT count(*) FROM stored_file WHERE copy_sha256 IS NULL OR 1 <> (
            SELECT count(*) FROM work WHERE kind = 'bleach' AND subject_id = stored_file.id
            AND state = 'SUCCEEDED')""",
    "applicants who were not scored once under the other weights": """
        SELECT count(*) FROM standing WHERE 1 <> (
            SELECT count(*) FROM score WHERE application_id = standing.application_id
            AND rubric_version_id = (SELECT max(id) FROM rubric_version))""",
    "runs of scoring again that did not take effect once": """
        SELECT count(*) FROM rescoring WHERE asked_at IS NULL OR asked <> done
        OR done <> (SELECT count(*) FROM standing)
        OR done <> (SELECT count(*) FROM work WHERE kind = 'rescore' AND state = 'SUCCEEDED')""",
    "times that everybody was scored again, other than once": "SELECT abs(1 - count(*)) FROM rescoring",
    "work that failed": "SELECT count(*) FROM work WHERE state = 'FAILED'",
}


def broken_invariants(settings: dict[str, str]) -> dict[str, int]:
    """What `flask invariants` finds broken, with the number of rows."""
    found = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "invariants", "--json"],
        env=config.child_environment(**settings),
        capture_output=True,
        text=True,
        cwd=config.ROOT,
        check=False,
    )
    if found.returncode not in (0, 1):
        return {f"flask invariants ended with status {found.returncode}: {found.stderr[-300:]}": 1}
    report = json.loads(found.stdout)["invariants"]
    return {f"invariant {one['name']}": one["violations"] for one in report if one["violations"]}
