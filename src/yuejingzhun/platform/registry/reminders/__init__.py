"""Reminders: what falls due or is overdue, told once to those who hold it and, summed up, to who supervises them."""
