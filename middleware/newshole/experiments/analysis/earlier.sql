with measured as (
    select view_id, {reading} as value, count(*) as times
    from happened where kind = ? {of_experiment} group by view_id
),
before as (
    select unit, count(*) as views from happened
    where kind = 'view' and has_unit and ms >= ? and ms < ? group by unit
),
totals as (
    select v.unit, v.arm, sum(coalesce(m.value, 0)) * 1.0 as y, {divisor} as x
    from views v left join measured m on m.view_id = v.view_id
    where v.arms = 1
    group by v.unit, v.arm
),
sizes as (select arm, sum(y) as y, sum(x) as x, count(*) as units from totals group by arm),
units as (
    select t.arm, {linear} as y, coalesce(b.views, 0) * 1.0 as x
    from totals t join sizes s on s.arm = t.arm left join before b on b.unit = t.unit
),
means as (select arm, count(*) as units, avg(y) as y, avg(x) as x from units group by arm)
select m.arm, m.units, m.y, m.x,
    sum((u.y - m.y) * (u.y - m.y)), sum((u.x - m.x) * (u.x - m.x)), sum((u.y - m.y) * (u.x - m.x))
from units u join means m on m.arm = u.arm
group by m.arm, m.units, m.y, m.x
