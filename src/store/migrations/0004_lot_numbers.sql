-- Lot numbers that the hub gives itself: for a target whose format cannot carry the source's number, and by its own rules.

create table lot_counter (
  target      text not null,              -- the system that the numbers are for; empty: the hub's own
  scope       text not null default '',
  series      text not null,              -- what shares one count: the rule, the day
  last        bigint not null,
  primary key (target, scope, series)
);

create table given_lot_number (
  target      text not null,
  scope       text not null default '',
  number      text not null,
  lot_id      bigint references lot,      -- null: given before anybody announced the lot
  given_at    timestamptz not null default now(),
  primary key (target, scope, number),
  unique (target, lot_id)
);

-- A lot bound by the hub's numbering or by a person, not by its number.
create index alias_lot_declared on alias (system, scope, key) where entity = 'lot' and bound_by <> 'lot number';
