select * from {{ denials_at('moment', 'known') }}
