select * from {{ permission_at('moment', 'known') }}
