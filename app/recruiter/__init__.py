"""The regional desk: openings and applicants of one region."""
