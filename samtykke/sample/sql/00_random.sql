-- Randomness is a hash of (row, salt, seed): the same input gives the same bytes, in any order, without a generator's state.
-- hash() twice: its two-argument combine is xor-like, so the low bits of different salts would be correlated.
create macro draw(i, salt, n) as ((hash(hash(i, salt || '{seed}')) % n)::bigint);
create macro chance(i, salt, percent) as (draw(i, salt, 1000) < percent * 10);
create macro hex16(i, salt) as (lpad(lower(to_hex(hash(hash(i, salt || '{seed}')))), 16, '0'));
create macro as_of() as (timestamp '{as_of}');
create macro last_summer() as (make_timestamp(year(as_of()) - 1, 6, 1, 0, 0, 0));
create macro people() as ({people}::bigint);

-- moments before as_of: some days at most, or after a given moment
create macro ago(i, salt, days) as (as_of() - to_seconds(60 + draw(i, salt, days * 86400 - 60)));
create macro since(i, salt, earliest) as (
    earliest + to_seconds(draw(i, salt, greatest(date_diff('second', earliest, as_of()) - 60, 1)))
);
create macro iso(moment) as (strftime(moment, '%Y-%m-%dT%H:%M:%SZ'));

create macro plain_letters(value) as (
    regexp_replace(strip_accents(replace(replace(replace(replace(replace(replace(replace(
        lower(value), 'æ', 'ae'), 'ø', 'oe'), 'å', 'aa'), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss')), '[^a-z0-9]+', '', 'g')
);

-- as people and tills write them: upper case, blanks around, a plus tag
create macro spelled_email(value, i) as (
    case draw(i, 'email form', 20) when 0 then upper(value) when 1 then '  ' || value || ' ' when 2 then upper(value[1]) || value[2:] else value end
);
-- international, with 00, or (in a row that names its country) national
create macro spelled_phone(dial, trunk, number, i) as (
    case draw(i, 'phone form', 5)
        when 0 then '+' || dial || ' ' || number[1:2] || ' ' || number[3:5] || ' ' || number[6:]
        when 1 then '00' || dial || number
        when 2 then trunk || number[1:4] || ' ' || number[5:]
        when 3 then '(+' || dial || ') ' || number[1:2] || '-' || number[3:]
        else '+' || dial || number
    end
);
create macro platform_of(i) as (['instagram', 'facebook', 'x', 'tiktok', 'linkedin', 'youtube'][1 + draw(i, 'platform', 6)]);
