"""The roof: settings, addresses, server and database, the only place that knows every application."""
