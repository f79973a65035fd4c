select distinct ms - ms % 3600000 as hour from views order by hour
