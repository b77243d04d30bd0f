select source, order_id, line_id, product_id, case when chance(order_no * 4 + line_id, 'described', 30) then name end as description, quantity, unit_price, returned_quantity
from order_line
order by order_no, line_id
