"""Files of readings, csv, Parquet or a workbook, as chunks of a table that the gate judges."""
