-- Serial numbers: one piece each, linked to the lot that it came from. A number is unique within its material.

create table serial (
  id          bigint generated always as identity primary key,
  material_id bigint not null references material,
  number      text not null,              -- as the system that announced it first writes it
  number_key  text not null,              -- the number in canonical form, the same for every spelling
  lot_id      bigint references lot,
  lot_said_by text not null default '',   -- the system whose word the link is; empty: the hub gave the number
  made        date,
  status      text,
  since       timestamptz not null default now(),
  unique (material_id, number_key)
);
create index serial_number on serial (number);
create index serial_number_key on serial (number_key);
create index serial_lot on serial (lot_id) where lot_id is not null;
