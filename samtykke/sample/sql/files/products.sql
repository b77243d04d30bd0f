select product_id, name, category, subcategory, brand, price, 'DKK' as currency from product order by product_no
