-- What a search looks into: the name in lower case, as all languages know it, and the address, which is in lower case
-- already. Kept, because making it for every row of every search costs ten times the search.
ALTER TABLE members ADD COLUMN search text COLLATE "C"
    GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu") || E'\n' || email) STORED;
