-- found again by the next night, and kept on the ledger from then on
drop table raw.record_pairs;
drop table raw.compared_records;
