-- The life of a mapping file. A published version is one that the hub runs, from its publication to the next one of its
-- system; base is the version that it followed, so that nobody publishes over what he has not seen. No version is ever changed.

alter table mapping_version
  add published  boolean not null default false,
  add base       bigint references mapping_version,
  add author     text,
  add reason     text,
  add lots_changed integer not null default 0,    -- lots whose identity it changed, as whoever published it accepted
  add check (not published or (author <> '' and reason <> '')),
  drop constraint mapping_version_system_sha256_key;
create unique index mapping_version_content on mapping_version (system, sha256) where not published;
create unique index mapping_version_follows on mapping_version (system, coalesce(base, 0)) where published;

create function keep_mapping_version() returns trigger language plpgsql as $$
begin
  raise exception 'a version of a mapping is never changed' using errcode = 'restrict_violation';
end $$;
create trigger mapping_version_kept before update or delete on mapping_version
  for each row execute function keep_mapping_version();

-- The versions that its run worked with, of the systems that it is about.
alter table exception add mapping_versions jsonb not null default '{}';

-- The last records of each stream as they came, for trying a draft on.
create table raw_record (
  system      text not null references system,
  stream      text not null,
  key         text not null,
  raw         jsonb not null,
  seen        bigint generated always as identity,
  primary key (system, stream, key)
);
create index raw_record_seen on raw_record (system, stream, seen desc);

-- The fields that a version reads, with the type that the live system gave them when it was first asked.
create table mapping_field (
  mapping_version bigint not null references mapping_version,
  stream      text not null,
  path        text not null,
  type        text not null,
  seen_at     timestamptz not null default now(),
  primary key (mapping_version, stream, path)
);
