"""Units of measurement: exact factors and dimensions, D-SI strings, China's legal units."""
