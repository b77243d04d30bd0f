select * from {{ with_evidence(explained_rules(ref('permission_at') ~ '(moment, known)', 'moment', 'known')) }}
