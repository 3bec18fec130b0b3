"""Faults on purpose: people hand in over HTTP while processes are killed, and what was promised is counted after."""
