CREATE TABLE cygnet_addresses (
  address inet PRIMARY KEY,
  pool text NOT NULL,
  -- Who has it, or had it last.
  identity text,
  -- The daemon whose peer has it; NULL for nobody.
  gateway text,
  since timestamptz
);
CREATE INDEX cygnet_addresses_free ON cygnet_addresses (pool) WHERE gateway IS NULL;
