"""The public room: jobs to read about and to apply for."""
