"""Who did what, and when: appended, never changed."""
