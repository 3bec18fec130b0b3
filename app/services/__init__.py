"""The business rules: one module per capability, without Flask, forms or commits."""
