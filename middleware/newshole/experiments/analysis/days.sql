with measured as (
    select view_id, {reading} as value, count(*) as times
    from happened where kind = ? {of_experiment} group by view_id
),
unit_days as (
    select v.unit, v.arm, v.ms - v.ms % 86400000 as day, sum(coalesce(m.value, 0)) * 1.0 as y, {divisor} as x
    from views v left join measured m on m.view_id = v.view_id
    where v.arms = 1
    group by v.unit, v.arm, v.ms - v.ms % 86400000
),
so_far as (
    select arm, day, y, x,
        sum(y) over past as all_y, sum(x) over past as all_x, row_number() over past as nth
    from unit_days window past as (partition by unit order by day)
)
select arm, day,
    sum(case when nth = 1 then 1 else 0 end), sum(y), sum(x),
    sum(all_y * all_y - (all_y - y) * (all_y - y)), sum(all_x * all_x - (all_x - x) * (all_x - x)),
    sum(all_y * all_x - (all_y - y) * (all_x - x))
from so_far group by arm, day order by day
