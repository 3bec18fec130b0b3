"""The business rules: one module per capability. No Flask, no forms, no commit."""
