-- Whatever takes an artifact away or replaces its content (deletion, a new upload, a purge, the end of a project) notes what it gave up. In order of the
-- hash, so that two at once do not wait for each other in a circle.
CREATE FUNCTION note_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orphan_objects (sha256, size_bytes)
    SELECT sha256, max(size_bytes) FROM gone GROUP BY sha256 ORDER BY sha256
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER artifacts_deleted AFTER DELETE ON artifacts
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_orphans();

CREATE TRIGGER artifacts_replaced AFTER UPDATE ON artifacts
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_orphans();
