-- The tables of concur-oauth-postgres: schema 1.
-- Each statement can be run again.
CREATE TABLE IF NOT EXISTS concur_oauth_grants (
    -- By bytes, as a keeper orders names.
    name        text COLLATE "C" PRIMARY KEY,
    -- Moved by grants alone: a renewal, a new one, one that is forgotten.
    version     bigint NOT NULL,
    -- NULL: the grant was forgotten, and its version is kept.
    sealed      bytea,
    -- Concur has ended the grant: a person must consent anew.
    dead        boolean NOT NULL DEFAULT false,
    stored_at   timestamptz NOT NULL DEFAULT now(),
    -- When it is renewed if no caller asks for it.
    due_at      timestamptz NOT NULL,
    -- The process that may renew it, and until when.
    lease_nonce bytea,
    lease_until timestamptz
);
CREATE INDEX IF NOT EXISTS concur_oauth_grants_due ON concur_oauth_grants (due_at) WHERE sealed IS NOT NULL AND NOT dead;
CREATE TABLE IF NOT EXISTS concur_oauth_grants_schema (version integer PRIMARY KEY);
INSERT INTO concur_oauth_grants_schema VALUES (1) ON CONFLICT DO NOTHING;
