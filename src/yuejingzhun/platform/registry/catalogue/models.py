"""No tables: the catalogue is published as a document, and is kept as one, in csv files beside `editions`."""
