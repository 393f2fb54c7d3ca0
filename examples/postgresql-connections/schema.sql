CREATE TABLE cygnet_peers (
  name text PRIMARY KEY,
  local_id text NOT NULL,
  remote_id text NOT NULL,
  psk text NOT NULL,
  proposals text[] NOT NULL DEFAULT '{default}',
  local_ts text[] NOT NULL DEFAULT '{dynamic}',
  remote_ts text[] NOT NULL DEFAULT '{dynamic}',
  pools text[] NOT NULL DEFAULT '{}',
  -- Also what a peer is found by, in a table of any size.
  UNIQUE (remote_id, local_id)
);
