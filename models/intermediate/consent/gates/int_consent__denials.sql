select * from {{ denials_at(as_of(), latest_known()) }}
