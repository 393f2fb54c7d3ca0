CREATE TABLE cygnet_peers (
  name text PRIMARY KEY,
  local_id text NOT NULL,
  remote_id text NOT NULL,
  psk text NOT NULL,
  local_address text NOT NULL DEFAULT '%any',
  remote_address text NOT NULL DEFAULT '%any',
  proposals text[] NOT NULL DEFAULT '{default}',
  local_ts text[] NOT NULL DEFAULT '{dynamic}',
  remote_ts text[] NOT NULL DEFAULT '{dynamic}',
  pools text[] NOT NULL DEFAULT '{}'
);

-- Tells daemons that there is something to read. Once per statement, however many rows it changes.
CREATE FUNCTION cygnet_peers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY cygnet_peers;
  RETURN NULL;
END $$;

CREATE TRIGGER cygnet_peers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cygnet_peers
  FOR EACH STATEMENT EXECUTE FUNCTION cygnet_peers_changed();
