-- The journal of one or more accounts. The same text serves SQLite and PostgreSQL.

-- One row per call that changes the account, written before anything is signed.
CREATE TABLE IF NOT EXISTS intent (
    id              TEXT PRIMARY KEY,
    account         TEXT NOT NULL,
    owner           TEXT NOT NULL,
    caller          TEXT NOT NULL,
    operation       TEXT NOT NULL,
    -- What the caller asked for, as a digest: the same call has the same one.
    arguments_hash  TEXT NOT NULL,
    -- What is sent, with the clientIds that were chosen, and without headers.
    arguments       TEXT NOT NULL,
    idempotency_key TEXT,
    -- What it counts for against the caps of its UTC day.
    day             TEXT NOT NULL,
    orders          BIGINT NOT NULL,
    notional        TEXT NOT NULL,
    is_settled      BIGINT NOT NULL,
    at_ms           BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS intent_key ON intent (account, idempotency_key);
CREATE INDEX IF NOT EXISTS intent_unsettled ON intent (account, id) WHERE is_settled = 0;

-- Written before the first byte leaves; one per intent, so that nothing is sent twice.
CREATE TABLE IF NOT EXISTS sent (
    intent  TEXT PRIMARY KEY REFERENCES intent (id),
    attempt BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL
);

-- What is known of the end; the last row counts, and a final one is the last.
CREATE TABLE IF NOT EXISTS outcome (
    intent    TEXT NOT NULL REFERENCES intent (id),
    number    BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    witness   TEXT,
    status    BIGINT,
    code      TEXT,
    message   TEXT,
    next_step TEXT,
    order_ids TEXT,
    body      TEXT,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (intent, number)
);

-- The numbers by which orders are found again.
CREATE TABLE IF NOT EXISTS client_id (
    account   TEXT NOT NULL,
    client_id BIGINT NOT NULL,
    intent    TEXT NOT NULL REFERENCES intent (id),
    symbol    TEXT NOT NULL,
    order_id  TEXT,
    is_live   BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS client_id_live ON client_id (account, client_id) WHERE is_live = 1;
CREATE INDEX IF NOT EXISTS client_id_intent ON client_id (intent);
CREATE INDEX IF NOT EXISTS client_id_order ON client_id (account, order_id);

-- Where the choosing of clientIds stands.
CREATE TABLE IF NOT EXISTS allocation (
    account TEXT PRIMARY KEY,
    next    BIGINT NOT NULL
);

-- What each UTC day has seen.
CREATE TABLE IF NOT EXISTS day (
    account  TEXT NOT NULL,
    day      TEXT NOT NULL,
    orders   BIGINT NOT NULL,
    notional TEXT NOT NULL,
    PRIMARY KEY (account, day)
);

-- Shows that the journal can be written.
CREATE TABLE IF NOT EXISTS probe (
    account TEXT PRIMARY KEY,
    at_ms   BIGINT NOT NULL
);
