"""How answers are judged, as a pure library: values in, values out; no Flask, no database, no queue."""
