"""Functions of the database by which fragments of a text are found with an index.

The embedded server has no pg_trgm; arrays of fragments in a GIN index do the same. `folded` makes texts one that differ
in case or width only ('ＤＤＳ' and 'dds'), `grams` are the fragments of a length. Several migrations run this, in
whichever order an installation meets them: it changes nothing where the functions are there already.

Every row that is written pays for its fragments, and a loop takes a quarter of the time of a query. It says what
`folded` does instead of asking it, since an index is built where only PostgreSQL's own functions have a name.
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(normalize(given, NFKC) COLLATE "C");
CREATE OR REPLACE FUNCTION grams(given text, length int) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    whole text := lower(normalize(given, NFKC) COLLATE "C");
    part text;
    found text[] := '{}';
BEGIN
    FOR n IN 1 .. char_length(whole) - length + 1 LOOP
        part := substr(whole, n, length);
        IF part <> ALL (found) THEN found := found || part; END IF;
    END LOOP;
    RETURN found;
END $$;
"""
