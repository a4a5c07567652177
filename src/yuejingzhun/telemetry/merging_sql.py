"""The statements of merging.py: incoming and held rows side by side, a verdict for each, the rows to write.

Incoming rows are named by the number of their staged file and their place in it, held ones by their file and place.
"""

INCOMING = """
create temp table incoming as select parse_filename(filename, true)::int as file, file_row_number as place,
    meter, role, day, strftime(day, '%Y-%m') as month, city, district, version, source, source_row,
    hash(registers, flags, city, district, interval_minutes, branch, phase, unit, scaler, multiplier, capacity)
        as content
from {files}
"""
HELD = """
create temp table held as select filename, file_row_number as place, meter, role, day, district, version,
    hash(registers, flags, city, district, interval_minutes, branch, phase, unit, scaler, multiplier, capacity)
        as content
from {files} semi join incoming using (meter, role, day)
"""
NOTHING_HELD = """
create temp table held as
select '' as filename, place, meter, role, day, district, version, content from incoming limit 0
"""
JUDGED = """
create temp table judged as
with clash as (
    select file, meter, role, day, version from incoming group by all having count(distinct content) > 1
), newest as (
    select meter, role, day, max(version) as top, arg_max(district, version) as home from held group by all
), known as (
    select meter, role, day, content, list(version) as versions from held group by all
), taken as (
    select distinct meter, role, day, version, true as is_taken from held
), rest as (
    select *, row_number() over (partition by meter, role, day, content, version order by file, place) as copy,
        count(*) filter (version > 0) over (partition by meter, role, day, content) as named,
        first_value(content) over (partition by meter, role, day, version order by file, place) as first_content,
        first_value(district) over (partition by meter, role, day order by file, place) as first_home
    from incoming anti join clash using (file, meter, role, day, version)
)
select file, place, meter, role, day, month, city, district, version, source, source_row, content,
    coalesce(top, 0) as top,
    case when versions is not null and (version = 0 or list_contains(versions, version)) then 'duplicate'
        when copy > 1 or (version = 0 and named > 0) then 'duplicate'
        when version > 0 and (is_taken or content <> first_content) then 'version'
        when district <> coalesce(home, first_home) and version <= coalesce(top, 0) then 'district'
        else 'store' end as verdict
from rest left join newest using (meter, role, day) left join known using (meter, role, day, content)
    left join taken using (meter, role, day, version)
union all by name
select file, place, meter, role, day, month, city, district, version, source, source_row, content, 0 as top,
    'clash' as verdict
from incoming semi join clash using (file, meter, role, day, version)
"""
STORED = """
create temp table stored as
with numbered as (
    select file, place, meter, role, day, month, city, top, case when version > 0 then version else
        greatest(top, max(version) over same)
        + count(*) filter (version = 0) over (same order by file, place rows unbounded preceding) end as final
    from judged where verdict = 'store' window same as (partition by meter, role, day)
)
select *, greatest(top, max(final) over (partition by meter, role, day)) as counts from numbered
"""
ROWS = """
select {columns}, superseded from (
    select r.* exclude (version), s.final::int as version, s.final < s.counts as superseded
    from {files} r
    join stored s on parse_filename(r.filename, true)::int = s.file and r.file_row_number = s.place
    where s.month = $month and s.city = $city
) order by district, meter, role, day, version
"""
NOW_SUPERSEDED = """
select h.filename, list(h.place order by h.place)
from held h join (select meter, role, day, max(counts) as counts from stored group by all) s using (meter, role, day)
where h.version < s.counts group by h.filename
"""
PARTITIONS = """
select month, city, count(*) < 2 * count(distinct (meter, role)) as single_days
from stored group by month, city order by month, city
"""
