"""The hiring manager's room: roles, ranking, decisions."""
