"""The benchmarks: how near Winnow comes to bare yardsticks in the same minute on the same machine. See __main__."""
