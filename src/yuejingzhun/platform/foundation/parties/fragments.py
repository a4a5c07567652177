"""Functions of the database by which fragments of a text are found with an index.

The embedded server has no pg_trgm; arrays of fragments in a GIN index do the same. `folded` makes texts one that differ
in case or width only ('ＤＤＳ' and 'dds'), `grams` are the fragments of a length. Two migrations run this, in whichever
order an installation meets them: it changes nothing where the functions are there already.
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(normalize(given, NFKC) COLLATE "C");
CREATE OR REPLACE FUNCTION grams(given text, length int) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN ARRAY(SELECT DISTINCT substr(folded(given), n, length)
                 FROM generate_series(1, char_length(folded(given)) - length + 1) AS n);
"""
