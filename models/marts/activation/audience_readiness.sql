{{ config(tags=['after_export']) }}

with

audience_step_counts as (

    select * from {{ ref('audience_step_counts') }}

),

recipient_expectations as (

    select * from {{ ref('recipient_expectations') }}

),

audience_overlap as (

    select * from {{ ref('audience_overlap') }}

),

-- who would leave if no floor held them back, and where most of the segment is lost on the way
counted as (

    select
        recipient,
        segment,
        cast(coalesce(sum(people) filter (step = 'in_segment'), 0) as bigint) as in_segment,
        cast(coalesce(sum(people) filter (step = 'under_cap'), 0) as bigint) as addressable,
        arg_max(reason, (dropped, -step_number)) filter (step_number > 20 and dropped > 0) as largest_loss,
        max(dropped) filter (step_number > 20 and dropped > 0) as lost,
    from audience_step_counts
    group by recipient, segment

),

-- the audience of the same recipient that would bring the most others
pairs as (

    select recipient, segment_a as segment, segment_b as sibling, n_a + n_b - n_ab as together, from audience_overlap
    union all
    select recipient, segment_b as segment, segment_a as sibling, n_a + n_b - n_ab as together, from audience_overlap

),

siblings as (

    select *
    from pairs
    qualify row_number() over (partition by recipient, segment order by together desc, sibling) = 1

),

expected as (

    select
        counted.recipient,
        counted.segment,
        counted.in_segment,
        counted.addressable,
        recipient_expectations.basis,
        recipient_expectations.expected_share,
        cast(round(counted.addressable * recipient_expectations.share_low) as bigint) as expected_low,
        cast(round(counted.addressable * recipient_expectations.expected_share) as bigint) as expected_matched,
        cast(round(counted.addressable * recipient_expectations.share_high) as bigint) as expected_high,
        recipient_expectations.platform_minimum,
        recipient_expectations.business_minimum,
        greatest(recipient_expectations.platform_minimum, recipient_expectations.business_minimum) as needed,
        counted.largest_loss,
        counted.lost,
        siblings.sibling,
        siblings.together,
        round(siblings.together * recipient_expectations.expected_share) as together_matched,
    from counted
    inner join recipient_expectations on counted.recipient = recipient_expectations.recipient
    left join siblings on counted.recipient = siblings.recipient and counted.segment = siblings.segment

),

judged as (

    select
        recipient,
        segment,
        in_segment,
        addressable,
        basis,
        expected_share,
        expected_low,
        expected_matched,
        expected_high,
        platform_minimum,
        business_minimum,
        case
            when expected_matched < platform_minimum then 'below_platform_minimum'
            when expected_matched < business_minimum then 'below_business_minimum'
            else 'ready'
        end as status,
        greatest(needed - expected_matched, 0) as missing,
        largest_loss,
        case
            when expected_matched >= needed then null
            when largest_loss = 'audience_ended' then 'its time is over: renew it (renewed_on) or take it out'
            when together_matched >= needed
                then printf('merge it with %s: %d people together', sibling, together)
            when lost > addressable
                then printf('%d of %d in the segment are lost to %s: see to that first', lost, in_segment, largest_loss)
            else 'widen the segment: a longer window, or more products, places or interests'
        end as suggestion,
    from expected

)

select * from judged
