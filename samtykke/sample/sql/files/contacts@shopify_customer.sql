-- the leading apostrophe keeps spreadsheets from mangling numbers
select
    '''' || (7210448000000 + p) as "Customer ID",
    first_name as "First Name",
    last_name as "Last Name",
    email as "Email",
    case when gives and chance(p, 'shopify yes', 80) then 'yes' else 'no' end as "Accepts Email Marketing",
    null as "Default Address Company",
    null as "Default Address Address1",
    null as "Default Address Address2",
    null as "Default Address City",
    null as "Default Address Province Code",
    country as "Default Address Country Code",
    null as "Default Address Zip",
    null as "Default Address Phone",
    case when national_phone is not null then '''+' || dial || national_phone end as "Phone",
    'no' as "Accepts SMS Marketing",
    (draw(p, 'spent', 400000) / 100)::decimal(12, 2) as "Total Spent",
    1 + draw(p, 'shopify orders', 6) as "Total Orders",
    null as "Note",
    'no' as "Tax Exempt",
    case when chance(p, 'tag', 20) then 'loyal, newsletter' end as "Tags",
from person
where p < 4000 and email is not null and not is_newcomer and chance(p, 'in shopify', 5)
order by p
