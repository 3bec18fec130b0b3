"""The blind review desk. Nothing here can reach who the candidate is."""
