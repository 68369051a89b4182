-- Requests a second, by slots: as many as requests may fall into one second, each used again when its request has arrived
-- for certain and a second has passed since. However late a worker or an answer is, no second sees more.

alter table lease rename column second to next_at;   -- the next request may go then, so that they come one by one
alter table lease drop column taken;

create table lease_slot (
  system      text not null references lease,
  slot        integer not null,
  free_at     timestamptz not null,     -- may be taken again from then on
  booking     bigint not null,          -- counts who took it; what an older holder says of it is void
  primary key (system, slot)
) with (fillfactor = 50);

-- Up to `wanted` slots whose time comes within `ahead_ms`; without one, how long to wait before asking again: a slot
-- that is held for an answer may be free earlier.
-- A slot counts as used until `hold_ms` after its time, unless its holder says earlier that the system has answered.
create function take_slots(
  of_system text, slots integer, window_ms float8, wanted integer, ahead_ms float8, hold_ms float8)
returns table (taken integer, under bigint, wait_ms float8) language plpgsql as $$
declare
  ms constant interval := interval '1 millisecond';
  right_now timestamptz;
  next_start timestamptz;
  start_at timestamptz;
  one record;
  given integer := 0;
begin
  -- What a crash of the server forgets is older than a second when it runs again.
  perform set_config('synchronous_commit', 'off', true);
  insert into lease (system) values (of_system) on conflict do nothing;
  select l.next_at into next_start from lease l where l.system = of_system for update;
  right_now := clock_timestamp();
  -- The server's clock was set back: nobody books so far ahead.
  update lease_slot s set free_at = right_now + window_ms * ms
   where s.system = of_system and s.free_at > right_now + window_ms * ms + interval '10 seconds';
  if next_start > right_now + window_ms * ms + interval '10 seconds' then next_start := right_now; end if;
  for one in
    select n, s.free_at, coalesce(s.booking, 0) + 1 as booking
      from generate_series(1, slots) n left join lease_slot s on s.system = of_system and s.slot = n
     order by s.free_at nulls first, n limit wanted
  loop
    start_at := greatest(next_start, right_now, one.free_at);
    if start_at > right_now + ahead_ms * ms then
      if given = 0 then
        return query select null::integer, null::bigint, extract(epoch from
          greatest(next_start, least(start_at, right_now + interval '100 milliseconds')) - right_now)::float8 * 1000;
      end if;
      exit;
    end if;
    insert into lease_slot as s (system, slot, free_at, booking)
    values (of_system, one.n, start_at + (hold_ms + window_ms) * ms, one.booking)
    on conflict (system, slot) do update set free_at = excluded.free_at, booking = excluded.booking;
    given := given + 1;
    next_start := start_at + window_ms / slots * ms;
    return query select one.n, one.booking, extract(epoch from start_at - right_now)::float8 * 1000;
  end loop;
  if given > 0 then update lease l set next_at = next_start where l.system = of_system; end if;
end $$;

-- The system has answered (`free_ms`: how long until the slot may be taken again), or the slot was never used and is as
-- it was before (`free_ms` null; `held_ms`: what was added when it was taken).
create function release_slots(
  of_system text, of_slots integer[], under bigint[], free_ms float8[], held_ms float8[])
returns void language plpgsql as $$
declare
  ms constant interval := interval '1 millisecond';
begin
  perform set_config('synchronous_commit', 'off', true);
  perform 1 from lease l where l.system = of_system for update;
  update lease_slot s
     set free_at = case when r.free_ms is null then s.free_at - r.held_ms * ms
                        else least(s.free_at, clock_timestamp() + r.free_ms * ms) end,
         booking = s.booking + 1
    from unnest(of_slots, under, free_ms, held_ms) as r (slot, booking, free_ms, held_ms)
   where s.system = of_system and s.slot = r.slot and s.booking = r.booking;
end $$;
