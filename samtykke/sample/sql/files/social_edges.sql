select 'social_listening' as source, platform, from_handle, to_handle, kind, iso(observed_at) as observed_at
from edge
order by profile_no, n_edge
