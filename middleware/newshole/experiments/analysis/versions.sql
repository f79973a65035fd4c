select distinct rules from events
where kind = 'exposure' and experiment = ? and ms >= ? and ms < ? and rules <> ''
