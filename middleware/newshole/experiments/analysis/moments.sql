with measured as (
    select view_id, {reading} as value, count(*) as times
    from happened where kind = ? {of_experiment} group by view_id
),
units as (
    select v.unit, v.arm, sum(coalesce(m.value, 0)) as y, {divisor} as x
    from views v left join measured m on m.view_id = v.view_id
    where v.arms = 1
    group by v.unit, v.arm
),
means as (select arm, count(*) as units, avg(y) as y, avg(x) as x from units group by arm)
select m.arm, m.units, m.y, m.x,
    sum((u.y - m.y) * (u.y - m.y)), sum((u.x - m.x) * (u.x - m.x)), sum((u.y - m.y) * (u.x - m.x))
from units u join means m on m.arm = u.arm
group by m.arm, m.units, m.y, m.x
