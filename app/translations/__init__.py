"""The words of every page in each language, and the tool that keeps them in step with the code."""
