create temp table views as
select e.view_id, x.unit, x.arm, x.arms, min(e.ms) as ms, count(*) as told,
    min(e.rules) as first_rules, max(e.rules) as last_rules
from events e join exposed x on x.unit = e.unit
where e.kind = 'exposure' and e.experiment = ? and e.ms >= ? and e.ms < ?
group by e.view_id, x.unit, x.arm, x.arms
