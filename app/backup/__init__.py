"""Backup, restore and upgrade: one file that holds the whole company, and can be read back on either database.

`values` says how one value is written, `tables` how a database is read, `manifest` and `archive` what the file looks
like; `taking`, `restoring` and `upgrading` are the three commands, and `commands` says them on the command line.
"""
