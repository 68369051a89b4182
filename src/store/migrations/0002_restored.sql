-- When this store was filled from a backup: what happened between the two moments, it does not remember.

create table restored (
  id            bigint generated always as identity primary key,
  backup_of     timestamptz not null,     -- the moment that the backup shows
  restored_at   timestamptz not null default now()
);
