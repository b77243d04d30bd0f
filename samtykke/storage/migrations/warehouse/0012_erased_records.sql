-- records that named an erased identifier when they were told last: why they are gone, until that is told (ledger.identity_events)
create table told.identity_erased (record_key varchar not null);
