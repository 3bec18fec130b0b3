"""The main job, rehearsed over HTTP as the people would do it: `make demo`."""
