select
    9000000000 + p as "Record ID",
    first_name as "First Name",
    last_name as "Last Name",
    email as "Email",
    '+' || dial || ' ' || national_phone as "Phone Number",
    null as "Contact owner",
    ['NEW', 'OPEN', 'CONNECTED'][1 + draw(p, 'lead', 3)] as "Lead Status",
    strftime(created_at, '%Y-%m-%d %H:%M') as "Create Date",
    strftime(since(p, 'hubspot', created_at), '%Y-%m-%d %H:%M') as "Last Modified Date",
    'Customer' as "Contact Type",
    'customer' as "Lifecycle Stage",
    'Web' as "Lead Source",
from person
where p < 4000 and has_record and email is not null and chance(p, 'in hubspot', 4)
order by p
