-- A text as lists are ordered and searched by it: without case and accents, in the order of German
-- dictionaries (DIN 5007-1), whatever the database's own collation.
CREATE FUNCTION by_letters(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(translate(lower($1), 'äöüáàâãéèêëíìîïóòôõúùûçñ', 'aouaaaaeeeeiiiioooouuucn'),
        'ß', 'ss')
$$;
