-- A segment's time-to-live runs from the first night it was sent, or from the day its owner renewed it on.
alter table lineage.segment_properties add column renewed_on date;
