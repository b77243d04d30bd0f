-- A row that brings a signal (a TC string, consent mode, a box) need not say purpose and action itself: `said` is what the
-- signal says, one entry per event the ledger makes of it, empty where it says nothing; null for a row without a signal.
alter table raw.consent_events alter column purpose drop not null;
alter table raw.consent_events alter column action drop not null;
alter table raw.consent_events add column signal varchar;
alter table raw.consent_events add column said struct(
    part varchar, purpose varchar, channel varchar, recipient varchar, action varchar, after_yes varchar
)[];
