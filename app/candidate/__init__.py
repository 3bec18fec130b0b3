"""The candidate's room: what is asked, how much time is left, what happens next."""
