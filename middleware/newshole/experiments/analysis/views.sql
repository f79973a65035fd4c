create temp table views as
select e.view_id, min(x.unit) as unit, min(x.arm) as arm, max(x.arms) as arms, min(e.ms) as ms, count(*) as told
from happened e join exposed x on x.unit = e.unit
where e.kind = 'exposure' and e.experiment = ? and e.ms >= ? and e.ms < ?
group by e.view_id
