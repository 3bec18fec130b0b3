"""Administration: people, the mailbox, the audit trail."""
