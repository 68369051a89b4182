-- The model of Lotbridge: names from ISA-95, GS1 and the ERPs' own users. The keys below never change.

-- Installations --------------------------------------------------------------------------------------------------------

create table system (
  name        text primary key,
  kind        text not null,
  role        text not null check (role in ('erp', 'wms', 'mes', 'other')),
  plants      text[] not null default '{}',
  time_zone   text not null,
  day_start   time not null default '00:00'
);

-- A mapping file as it was used; immutable.
create table mapping_version (
  id          bigint generated always as identity primary key,
  system      text not null references system,
  sha256      text not null,
  content     text not null,
  loaded_at   timestamptz not null default now(),
  unique (system, sha256)
);

-- Identities -------------------------------------------------------------------------------------------------------------

create table material (
  id          bigint generated always as identity (increment by 100) primary key, -- new ones by the thousand take a block at a time
  code        text not null unique,
  name        text not null,
  spec        text not null default '',
  base_unit   text not null,
  gtin        text,
  type        text,                       -- raw, packaging, semi, finished
  version     integer not null default 1
);

create table variant (
  id          bigint generated always as identity primary key,
  material_id bigint not null references material,
  values      jsonb not null,             -- sorted name/value set
  unique (material_id, values)
);

create table material_site (
  material_id bigint not null references material,
  plant       text not null,
  tracking    text not null default 'none' check (tracking in ('lot', 'serial', 'none')),
  stock_unit  text,
  shelf_life_days integer,
  status      text not null default 'active',
  negative_stock_allowed boolean not null default false,
  allocation  text,
  version     integer not null default 1,
  primary key (material_id, plant)
);

create table material_unit (
  material_id bigint not null references material,
  unit        text not null,
  lot_id      bigint not null default 0,  -- 0: for every lot of the material
  numerator   numeric not null check (numerator > 0),
  denominator numeric not null check (denominator > 0),
  valid_from  timestamptz not null default '-infinity',
  primary key (material_id, unit, lot_id, valid_from)
);

-- Identity is the id. Natural key: material, variant (0 = none), number in canonical form, scope.
create table lot (
  id          bigint generated always as identity primary key,
  material_id bigint not null references material,
  variant_id  bigint not null default 0,
  number      text not null,              -- as the system that announced it first writes it
  number_key  text not null,              -- the number in canonical form, the same for every spelling
  scope       text not null default '',
  parent_id   bigint references lot,      -- a sublot's batch
  plant       text,
  made        date,
  received    date,
  expiry      date,
  supplier    text,
  supplier_lot text,
  quality_status text,
  stub        boolean not null default false, -- named by a movement before any system announced it
  version     integer not null default 1,
  unique (material_id, variant_id, number_key, scope)
);
create index lot_number on lot (number_key);
create index lot_supplier_lot on lot (supplier_lot) where supplier_lot is not null;
create index lot_parent on lot (parent_id) where parent_id is not null;

-- Partner, location, order, delivery, equipment: what has an alias and little else of its own yet.
create table thing (
  id          bigint generated always as identity primary key,
  entity      text not null check (entity in ('partner', 'location', 'order', 'delivery', 'equipment')),
  kind        text not null default '',
  plant       text not null default '',
  code        text not null,
  name        text,
  attributes  jsonb not null default '{}',
  unique (entity, plant, code)
);

-- The only place that knows pairs of ids. Like system_record without foreign keys: they would be looked up for each of a
-- million rows, and what these columns name is never deleted.
create table alias (
  system      text not null,
  entity      text not null,
  scope       text not null default '',
  key         text not null,              -- the system's own key; for a lot JSON [material key, variant, lot text]
  our_id      bigint not null,
  relation    text not null default 'same' check (relation in ('same', 'partOf', 'contains')),
  bound_by    text not null,              -- the rule or the person
  mapping_version bigint,
  bound_at    timestamptz not null default now(),
  primary key (system, entity, scope, key)
);
create index alias_ours on alias (our_id, entity, system);
create index alias_by_person on alias (system, entity) where starts_with(bound_by, 'person: ');
create index alias_lot_text on alias ((key::jsonb ->> 2)) where entity = 'lot';

-- Who changed what, when, from which system, by which mapping.
create table version_history (
  entity      text not null,
  our_id      bigint not null,
  version     integer not null,
  system      text not null,
  mapping_version bigint references mapping_version,
  changed     jsonb not null,             -- the fields after the change
  valid_from  timestamptz not null default now(),
  primary key (entity, our_id, version)
);

-- Runs -----------------------------------------------------------------------------------------------------------------

create table run (
  id          bigint generated always as identity primary key,
  kind        text not null check (kind in ('sync', 'reconcile', 'trace', 'nightly')),
  name        text not null,              -- the flow or job
  parent_id   bigint references run,
  workflow_id text not null,
  fence       bigint not null,            -- grows with each run of the same flow
  outcome     text check (outcome in ('agreed', 'differences', 'incomplete')),
  read        bigint not null default 0,
  unchanged   bigint not null default 0,
  changed     bigint not null default 0,
  written     bigint not null default 0,
  parked      bigint not null default 0,
  mapping_versions jsonb not null default '{}',
  nominal_day date,
  note        text,
  started_at  timestamptz not null default now(),
  finished_at timestamptz
);
-- The lock: one running run of a flow or job.
create unique index run_lock on run (kind, name) where finished_at is null;
create index run_recent on run (started_at desc);

-- A page counts once: cursor and counts commit with the page's rows.
create table run_page (
  run_id      bigint not null references run,
  system      text not null,
  stream      text not null,
  partition   text not null default '',
  page        integer not null,
  cursor      text,
  read        integer not null,
  parked      integer not null,
  source_count bigint,
  fresh       integer not null default 0, -- records that were copied in because nobody had announced them: changed, and no other's
  same        bigint[],                   -- records that were as before, until the run is closed and has counted them once
  committed_at timestamptz not null default now(),
  primary key (run_id, system, stream, partition, page)
);
-- Gone when the run is closed: packing it would cost more than it takes.
alter table run_page alter same set storage external;

create table stream_cursor (
  system      text not null references system,
  stream      text not null,
  partition   text not null default '',
  cursor      text not null,
  read_until  timestamptz not null,
  run_id      bigint references run,
  primary key (system, stream, partition)
);

-- What each system last said, in canonical form and bound to our id; a record counts once a run under its key.
create table system_record (
  id          bigint generated always as identity,
  system      text not null,
  stream      text not null,
  entity      text not null,
  key         text not null,
  our_id      bigint,
  fields      text not null,              -- JSON; as text it is written in half the time, and most of it is never read
  hash        text not null,
  treatment   text not null,              -- how it was taken last: by which flow, mapping and owner
  origin      text not null default 'theirs' check (origin in ('theirs', 'ours')),
  mapping_version bigint,
  run_id      bigint,                     -- the last run that did not find it just as before
  outcome     text not null check (outcome in ('unchanged', 'changed', 'parked')),
  seen_at     timestamptz not null default now(),
  primary key (system, stream, key)
);
-- A material's record is found by its alias, whose key it has.
create index system_record_ours on system_record (our_id, entity, system) where entity <> 'material';
-- The rows of a run lie together; a btree would cost every row of a first night more than counting a run saves.
create index system_record_run on system_record using brin (run_id) with (pages_per_range = 32);

-- Movements ----------------------------------------------------------------------------------------------------------------

create table movement (
  id          bigint generated always as identity primary key,
  system      text not null references system,
  stream      text not null,
  document    text not null,
  line        text not null,
  internal_id text not null default '',
  revision    text not null default '',
  state       text not null check (state in ('draft', 'pending', 'posted', 'reversed', 'deleted')),
  reverses    text,
  origin      text not null check (origin in ('ours', 'theirs')),
  reference   text,
  kind        text not null,
  plant       text not null,
  order_id    bigint references thing,
  delivery_id bigint references thing,
  partner_id  bigint references thing,
  material_id bigint not null references material,
  variant_id  bigint not null default 0,
  lot_id      bigint references lot,
  to_lot_id   bigint references lot,
  entered_quantity numeric not null,
  entered_unit text not null,
  quantity    numeric not null,           -- in the material's base unit
  unit        text not null,
  second_quantity numeric,
  second_unit text,
  from_place  jsonb,
  to_place    jsonb,
  happened_at timestamptz not null,
  posting_date date,
  entered_at  timestamptz,
  details     jsonb not null default '{}',
  mapping_version bigint references mapping_version,
  recorded_at timestamptz not null default now(),
  to_trace    boolean not null default true, -- new or changed since the trace index looked
  unique (system, stream, document, line, revision)
);
create index movement_to_trace on movement (material_id) where to_trace;
create index movement_reverses on movement (system, reverses) where reverses is not null;
create index movement_document on movement (system, document);
-- Days come one after the other: the last one is found without reading the others.
create index movement_happened on movement using brin (happened_at) with (pages_per_range = 32);
create index movement_lot on movement (lot_id);
create index movement_to_lot on movement (to_lot_id) where to_lot_id is not null;
create index movement_order on movement (order_id);

-- One real thing; each movement that reports it points here once. Its key is the report that counts; the group is the
-- order, delivery or lot within which reports can be of the same thing.
create table fact (
  id          bigint generated always as identity primary key,
  key         text not null unique,       -- system/stream/document/line of the report that counts
  group_key   text not null,
  kind        text not null,
  counts      boolean not null,           -- false: a system that has precedence speaks of this and does not know it
  created_at  timestamptz not null default now()
);
create index fact_group on fact (group_key);
create table fact_report (
  movement_id bigint primary key references movement,
  fact_id     bigint not null references fact,
  rule        text not null check (rule in ('counts', 'reference', 'same', 'other lot', 'other quantity', 'alone'))
);
create index fact_report_fact on fact_report (fact_id);

-- Writing -------------------------------------------------------------------------------------------------------------------

-- One target document for one source document with all its lines.
create table intent (
  key         text primary key,           -- LB + 14 characters of Crockford base32
  flow        text not null,
  target      text not null references system,
  stream      text not null,
  entity      text not null,
  action      text not null check (action in ('upsert', 'post', 'reverse')),
  source_system text not null,
  document_id text not null,
  part        text not null default '',
  source_version text not null,
  mode        text not null check (mode in ('propose', 'write')),
  document    jsonb not null,             -- in canonical form: what the target's mapping renders
  after_key   text references intent,     -- written only when that one is
  order_at    timestamptz not null,       -- documents of one target go in the order in which things happened
  state       text not null default 'planned' check (state in ('planned', 'sending', 'written', 'rejected', 'unknown')),
  attempt     integer not null default 0,
  deadline    timestamptz,
  absent_seen smallint not null default 0, -- how often a lookup after an unknown outcome found nothing
  look_at     timestamptz,
  reference   text,                       -- the target's own document
  error_code  text,
  error_message text,
  planned_run bigint references run,
  written_run bigint references run,
  created_at  timestamptz not null default now(),
  changed_at  timestamptz not null default now()
);
create index intent_open on intent (target, order_at, key) where state in ('planned', 'sending', 'unknown');
create index intent_source on intent (source_system, document_id);
create index intent_document on intent (target, entity, document_id);

-- Requests a second and login sessions, held across workers.
create table lease (
  system      text primary key references system,
  second      timestamptz not null default '-infinity',
  taken       integer not null default 0,
  session     text,
  session_at  timestamptz
);

-- What a person must look at --------------------------------------------------------------------------------------------------

create table exception (
  id          bigint generated always as identity primary key,
  class       text not null,
  key         text not null,              -- what it is about; one open exception a key
  flow        text not null,              -- flow or job
  systems     text[] not null,
  plant       text,
  location    text,
  material    text,
  lot         text,
  quantities  jsonb not null default '{}',
  difference  numeric,
  unit        text,
  evidence    jsonb not null default '{}',
  causes      jsonb not null default '[]',
  payload     jsonb,                      -- of a parked record, so that it can be replayed
  baseline    boolean not null default false,
  who_acts    text,
  owner       text,
  state       text not null default 'open' check (state in ('open', 'assigned', 'explained', 'corrected', 'closed')),
  reopened    integer not null default 0,
  opened_run  bigint references run,
  last_run    bigint references run,
  closed_run  bigint references run,
  opened_at   timestamptz not null default now(),
  closed_at   timestamptz,
  unique (class, flow, key)
);
create index exception_open on exception (opened_at) where state <> 'closed';

-- Snapshots ------------------------------------------------------------------------------------------------------------------

create table snapshot_part (
  id          bigint generated always as identity primary key,
  run_id      bigint not null references run,
  system      text not null references system,
  stream      text not null,
  partition   text not null default '',
  part        integer not null,
  url         text not null,
  rows        bigint not null,
  records     bigint not null default 0,  -- of the source; a record may be several rows
  source_count bigint,                    -- how many records the source said at the beginning that it would bring
  sha256      text not null,
  cursor      text,
  read_from   timestamptz not null,
  read_to     timestamptz not null,
  basis       text not null default 'recorded' check (basis in ('recorded', 'posting date')),
  unique (run_id, system, stream, partition, part)
);

-- Trace ---------------------------------------------------------------------------------------------------------------------

-- Never edited: a correction is another event.
create table trace_event (
  id          bigint generated always as identity primary key,
  key         text not null unique,
  kind        text not null,
  fact_id     bigint references fact,
  movement_id bigint references movement,
  corrects    bigint references trace_event,
  hash        text not null,
  hash_version smallint not null default 1,
  happened_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  details     jsonb not null default '{}'
);
create index trace_event_fact on trace_event (fact_id, id);

create table transformation (
  id          bigint generated always as identity primary key,
  key         text not null unique,       -- work order, delivery line, or the movement line
  kind        text not null,
  plant       text,
  order_id    bigint references thing,
  document    text
);

-- Bipartite: a row is a lot going into or coming out of a transformation.
create table trace_link (
  event_id    bigint not null references trace_event,
  side        text not null check (side in ('in', 'out')),
  lot_id      bigint not null references lot,
  transformation_id bigint not null references transformation,
  quantity    numeric not null,
  unit        text not null,
  happened_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  mapping_version bigint references mapping_version,
  declared    boolean not null default false,
  primary key (event_id, side, lot_id, transformation_id)
);
create index trace_link_lot on trace_link (lot_id, side) include (transformation_id, quantity, unit, event_id, recorded_at);
create index trace_link_transformation on trace_link (transformation_id, side) include (lot_id, quantity, unit, event_id, recorded_at);

-- Holds: a row per lot and reason.
create table hold (
  lot_id      bigint not null references lot,
  reason      text not null,
  state       text not null,
  applied_at  timestamptz not null default now(),
  released_at timestamptz,
  primary key (lot_id, reason)
);
