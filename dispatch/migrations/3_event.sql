-- What happened to the account, as the venue's stream told it; numbered without gaps, oldest forgotten first.
CREATE TABLE event (
    account TEXT NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, number)
);
