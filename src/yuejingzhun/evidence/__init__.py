"""What proves a measurement. Knows nothing of the server and never uses a network."""
