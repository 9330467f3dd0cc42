-- The functions of the pack language on PostgreSQL, with the answers that sqlite.c gives. Made in the schema of the
-- packs, which must stand before pg_catalog in search_path (`set search_path = packs, pg_catalog`): `sum` here hides
-- PostgreSQL's, whose numeric result would divide with a fraction where SQLite's integers do not.
-- Days are bigint, counted from 1970-01-01; NULL in gives NULL out.

create or replace function add_days(day bigint, count bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select day + count $$;

-- The same day of the month; the month's last one where that lacks it.
create or replace function add_months(day bigint, months bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select ((date '1970-01-01' + day::integer + make_interval(months => months::integer))::date
	              - date '1970-01-01')::bigint $$;

create or replace function year_of(day bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select extract(year from date '1970-01-01' + day::integer)::bigint $$;

-- Whole years by the calendar; who was born on 29 February grows older on 1 March of a common year.
create or replace function age(born bigint, on_day bigint) returns bigint
	language sql immutable strict parallel safe
	as $$
		select (extract(year from o) - extract(year from b)
		        - case when (extract(month from o), extract(day from o)) < (extract(month from b), extract(day from b))
		               then 1 else 0 end)::bigint
		  from (select date '1970-01-01' + born::integer as b, date '1970-01-01' + on_day::integer as o) as days
	$$;

-- By the table `calendar`; without one every day is worked. A day worked by decision comes before a day off by
-- decision, that before a yearly holiday, that before the weekend.
create or replace function is_workday(asked bigint) returns boolean
	language plpgsql stable strict
	as $$
declare
	on_date constant date := date '1970-01-01' + asked::integer;
	kinds text[];
begin
	if to_regclass('calendar') is null then
		return true;
	end if;
	execute 'select array_agg(kind::text) from calendar where $1 between from_day and until_day and value::text = case kind'
	        ' when ''weekend'' then $2 when ''holiday_yearly'' then $3 else $4 end'
		into kinds
		using asked, extract(isodow from on_date)::text, to_char(on_date, 'MM-DD'), to_char(on_date, 'YYYY-MM-DD');
	return kinds is null or 'workday' = any (kinds);
end
$$;

create or replace function add_workdays(day bigint, count bigint) returns bigint
	language plpgsql stable strict
	as $$
declare
	missing bigint := abs(count);
	found bigint := day;
begin
	while missing > 0 loop
		found := found + sign(count)::bigint;
		if is_workday(found) then
			missing := missing - 1;
		end if;
	end loop;
	return found;
end
$$;

create or replace aggregate sum(bigint) (sfunc = int8pl, stype = bigint, parallel = safe, combinefunc = int8pl);
