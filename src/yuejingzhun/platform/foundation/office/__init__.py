"""The back office 后台: the site, and how a table is shown or changed in it; each app says which of its tables."""
