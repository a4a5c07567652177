"""Tables that people bring and take away: csv, xlsx and Parquet as bounded streams of rows."""
