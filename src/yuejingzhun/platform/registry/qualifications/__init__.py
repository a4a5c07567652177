"""Who is qualified for what: authorised institutes and registered metrologists."""
