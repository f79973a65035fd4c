create temp table exposed as
select unit, min(arm) as arm, case when min(arm) = max(arm) then 1 else 2 end as arms
from happened where kind = 'exposure' and experiment = ? and ms >= ? and ms < ?
group by unit
