with views as (
    select distinct view_id, {unit} as unit from events
    where kind = 'view' and {unit} <> ''
),
measured as (select view_id, {reading} as value, count(*) as times from events where kind = ? group by view_id)
select v.unit, sum(coalesce(m.value, 0)) * 1.0, {divisor}
from views v left join measured m on m.view_id = v.view_id
group by v.unit order by substr(v.unit, -3), v.unit limit ?
