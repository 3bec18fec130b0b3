"""The demo company: a start page to try everything. Never in production."""
