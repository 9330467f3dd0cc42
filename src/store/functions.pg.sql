-- The functions of the pack language on PostgreSQL, with the answers of sqlite_function.c. They are made in the schema
-- of the packs, which must stand before pg_catalog in search_path (`set search_path = packs, pg_catalog`): `sum` here
-- hides PostgreSQL's, whose numeric result would divide with a fraction where SQLite's integers do not.
-- Days are bigint, counted from 1970-01-01. NULL in gives NULL out. A day outside of the years 1..9999 is an open end
-- (-999999999, 999999999) and stays one. From 10000000 on a number is an instant; as the first argument of what takes a
-- day it is an error even where the second is NULL, which is why some functions are not `strict`. tests/parity holds
-- these answers beside SQLite's.

create or replace function saturate_day(day bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select case when day < -719162 then -999999999 when day > 2932896 then 999999999 else day end $$;

create or replace function bounded_count(count bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select least(greatest(count, -100000000), 100000000) $$;

-- What only a day can be asked for.
create or replace function require_day(day bigint) returns bigint
	language plpgsql immutable strict parallel safe
	as $$
begin
	if day >= 10000000 and day <> 999999999 then
		raise exception 'a day is needed here, not an instant';
	end if;
	return saturate_day(day);
end
$$;

create or replace function civil_date(day bigint) returns date
	language sql immutable strict parallel safe
	as $$ select date '1970-01-01' + least(greatest(day, -719162), 2932896)::integer $$;

create or replace function add_days(day bigint, count bigint) returns bigint
	language sql immutable strict parallel safe
	as $$
		select case
			when day >= 10000000 and day <> 999999999
				then least(day, 2932896 * 86400000::bigint) + bounded_count(count) * 86400000
			when abs(saturate_day(day)) = 999999999 then saturate_day(day)
			else saturate_day(day + bounded_count(count)) end
	$$;

create or replace function year_of(day bigint) returns bigint
	language sql immutable strict parallel safe
	as $$ select extract(year from civil_date(require_day(day)))::bigint $$;

-- The same day of the month; the month's last one where that lacks it. Counts that would leave the years of a date
-- go to the year 0 or 10000 at most.
create or replace function add_months(day bigint, months bigint) returns bigint
	language sql immutable parallel safe
	as $$
		select case
			when require_day(day) is null or months is null then null
			when abs(require_day(day)) = 999999999 then require_day(day)
			else saturate_day((civil_date(day) + make_interval(
				months => least(greatest(months, -12 * (year_of(day) + 1)), 120000)::integer))::date - date '1970-01-01') end
	$$;

-- Whole years by the calendar; who was born on 29 February grows older on 1 March of a common year.
create or replace function age(born bigint, on_day bigint) returns bigint
	language sql immutable parallel safe
	as $$
		select (extract(year from o) - extract(year from b)
		        - case when (extract(month from o), extract(day from o)) < (extract(month from b), extract(day from b))
		               then 1 else 0 end)::bigint
		  from (select civil_date(require_day(born)) as b,
		               case when born is not null then civil_date(require_day(on_day)) end as o) as days
	$$;

-- By the table `calendar`; without one every day is worked. A day worked by decision comes before all that takes
-- days off.
create or replace function is_workday(asked bigint) returns boolean
	language plpgsql stable strict
	as $$
declare
	on_date constant date := civil_date(asked);
	kinds text[];
begin
	if to_regclass('calendar') is null then
		return true;
	end if;
	execute 'select array_agg(kind) from calendar where $1 between from_day and until_day and value = case kind'
	        ' when ''weekend'' then $2 when ''holiday_yearly'' then $3 else $4 end'
		into kinds
		using asked, extract(isodow from on_date)::text, to_char(on_date, 'MM-DD'), to_char(on_date, 'YYYY-MM-DD');
	return kinds is null or 'workday' = any (kinds);
end
$$;

create or replace function add_workdays(day bigint, count bigint) returns bigint
	language plpgsql stable
	as $$
declare
	missing bigint := abs(bounded_count(count));
	step constant bigint := sign(count)::bigint;
	found bigint := require_day(day);
begin
	if day is null or count is null then
		return null;
	elsif abs(found) = 999999999 then
		return found;
	elsif missing > 100000 then
		return step * 999999999;
	end if;
	while missing > 0 loop
		found := found + step;
		if found <> saturate_day(found) then
			return saturate_day(found);
		elsif is_workday(found) then
			missing := missing - 1;
		end if;
	end loop;
	return found;
end
$$;

create or replace aggregate sum(bigint) (sfunc = int8pl, stype = bigint, parallel = safe, combinefunc = int8pl);
