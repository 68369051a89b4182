/** hub.yaml: the systems, what flows between them, what is compared, and when. Types, checks and editor help come from here. */

import Type, { type Static } from 'typebox';
import { dimensions } from '../core/drift/model.js';

const closed = { additionalProperties: false };
const Text = (description: string) => Type.String({ minLength: 1, description });
const Name = Type.String({
  pattern: '^[a-z][a-z0-9-]*$',
  description: 'a name of small letters, digits and `-`, beginning with a letter',
});
const named = <T extends Type.TSchema>(value: T, description: string) =>
  Type.Record(Name, value, {
    ...closed,
    description: `${description}; each has a name of small letters, digits and \`-\``,
  });
const listOrOne = <T extends Type.TSchema>(item: T, description: string) =>
  Type.Union([item, Type.Array(item, { minItems: 1, uniqueItems: true })], { description });

const Zone = Type.String({ minLength: 1, description: 'an IANA time zone, e.g. Asia/Shanghai' });
const Clock = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: "a time of day, e.g. '06:00'" });
const Duration = Type.String({
  pattern: '^([0-9]+(ms|s|m|h|d))+$',
  description: 'a duration: a whole number and ms, s, m, h or d, e.g. 30s or 1h30m',
});
const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'an instant with its zone, e.g. 2026-11-22T00:00:00+08:00',
});
const FileName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*\\.ya?ml$',
  description: 'the name of a .yaml file, without a folder',
});
/** Text after loading, exactly as written: a tolerance is never a floating-point number. */
const Decimal = (description: string) =>
  Type.Unsafe<string>({
    type: ['string', 'number'],
    pattern: '^[0-9]+(\\.[0-9]+)?$',
    minimum: 0,
    description: `${description}; a decimal number, not negative`,
  });

export const systemKinds = ['sap-odata', 'kingdee-k3cloud', 'http', 'sql'] as const;
export const entities = ['material', 'lot', 'movement', 'traceEvent', 'serial'] as const;

const ConnectionValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
  description: 'text, a number, or true/false; a secret only as ${env:NAME} or ${file:PATH}',
});

export const SystemConfig = Type.Object(
  {
    kind: Type.Enum([...systemKinds], { description: 'the connector that speaks to it' }),
    role: Type.Enum(['erp', 'wms', 'mes', 'other'], { description: 'erp, wms, mes or other' }),
    connector: Type.Optional(FileName),
    mapping: Type.Optional(FileName),
    timeZone: Type.Optional(Zone),
    plants: Type.Array(Text('a plant, in quotes'), {
      minItems: 1,
      uniqueItems: true,
      description: 'the plants it serves, by the hub’s plant code',
    }),
    dayStart: Type.Optional(Clock),
    settleAfter: Type.Optional(Duration),
    writeWithin: Type.Optional(Duration),
    overlap: Type.Optional(Duration),
    worker: Type.Optional(
      Type.Enum(['elsewhere'], {
        description:
          'elsewhere: not this hub but `lotbridge worker --system …` speaks to it, and only there its secrets are',
      }),
    ),
    workerWait: Type.Optional(Duration),
    rate: Type.Optional(
      Type.Object(
        {
          perSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'requests a second' })),
          concurrency: Type.Optional(Type.Integer({ minimum: 1, description: 'requests at once' })),
        },
        { ...closed, description: 'how hard the hub may press the system, all workers together' },
      ),
    ),
    connection: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]*$' }), ConnectionValue, {
      ...closed,
      description: 'where it is and as whom the hub logs in; see the page of the connector',
    }),
  },
  closed,
);
export type SystemConfig = Static<typeof SystemConfig>;

/** The systems that this hub speaks to itself. */
export const ownSystems = ({ systems }: { systems: Record<string, SystemConfig> }): string[] =>
  Object.keys(systems).filter((name) => systems[name]?.worker !== 'elsewhere');

/** Which records: a field and the values that pass; several fields must all pass. */
const Where = Type.Object(
  {
    plant: Type.Optional(listOrOne(Text('a plant, in quotes'), 'plants')),
    location: Type.Optional(listOrOne(Text('a location, in quotes'), 'locations of the source')),
    kind: Type.Optional(listOrOne(Text('a movement kind'), 'movement kinds: issue, produce, transfer, …')),
    type: Type.Optional(listOrOne(Text('a material type'), 'material types')),
    scope: Type.Optional(listOrOne(Text('a lot scope, in quotes'), 'lot scopes')),
    status: Type.Optional(listOrOne(Text('a status'), 'statuses')),
  },
  { ...closed, minProperties: 1, description: 'only records with these values' },
);
export type Where = Static<typeof Where>;

const Target = Type.Object({ system: Text('a system of this file'), where: Type.Optional(Where) }, closed);

export const FlowConfig = Type.Object(
  {
    entity: Type.Enum([...entities], { description: 'material, lot, movement, traceEvent or serial' }),
    from: listOrOne(Text('a system of this file'), 'the system, or list of systems, that is read'),
    to: Type.Optional(
      Type.Array(Type.Union([Text('a system of this file'), Target]), {
        minItems: 1,
        description:
          'the systems that are kept in step: names, or `system` with `where`; without it the flow only reads',
      }),
    ),
    streams: Type.Optional(
      Type.Record(Type.String({ minLength: 1 }), listOrOne(Text('a stream'), 'streams'), {
        description: 'by system: the streams to read or write, where the mapping leaves a choice',
      }),
    ),
    owner: Type.Optional(
      Type.Union(
        [Text('a system of this file'), Type.Record(Type.String({ minLength: 1 }), Text('a system of this file'))],
        {
          description:
            'who owns the fields: one system, or field: system with `*` for the others; without it, the source',
        },
      ),
    ),
    where: Type.Optional(Where),
    mode: Type.Optional(
      Type.Enum(['observe', 'propose', 'write'], { description: 'observe (default), propose or write' }),
    ),
    start: Type.Optional(Instant),
  },
  closed,
);
export type FlowConfig = Static<typeof FlowConfig>;

export const JobConfig = Type.Object(
  {
    compare: Type.Array(Text('a system of this file'), {
      minItems: 2,
      maxItems: 2,
      uniqueItems: true,
      description: 'the two systems',
    }),
    plants: Type.Array(Text('a plant, in quotes'), {
      minItems: 1,
      uniqueItems: true,
      description: 'the plants compared',
    }),
    locations: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1 }),
        Type.Union([
          Type.Array(Text('a location, in quotes'), { minItems: 1, uniqueItems: true }),
          Type.Record(Type.String({ minLength: 1 }), Text('the common name')),
        ]),
        {
          description:
            'by system: the locations that count, as a list, or as location: common name where the two sides name them differently (`10R-*` for all that begin so)',
        },
      ),
    ),
    grain: Type.Array(Type.Enum([...dimensions]), {
      minItems: 1,
      uniqueItems: true,
      description: 'what keeps two quantities apart',
    }),
    sumAway: Type.Optional(
      Type.Array(Type.Enum([...dimensions]), {
        uniqueItems: true,
        description: 'dimensions that only one side has and that are added up before comparing',
      }),
    ),
    rollUp: Type.Optional(
      Type.Array(Type.Enum(['bin', 'sublot']), {
        uniqueItems: true,
        description: 'bin: into its location; sublot: into its lot',
      }),
    ),
    tolerance: Type.Optional(
      Type.Object(
        {
          absolute: Type.Optional(Decimal('in the base unit')),
          percent: Type.Optional(Decimal('of the larger side')),
        },
        { ...closed, description: 'a difference is let pass when it is within one of these' },
      ),
    ),
    settle: Type.Optional(Duration),
  },
  closed,
);
export type JobConfig = Static<typeof JobConfig>;

export const ScheduleConfig = Type.Object(
  {
    at: Type.Optional(Clock),
    cron: Type.Optional(Type.String({ minLength: 1, description: "a cron line of five fields, e.g. '30 1 * * 1-6'" })),
    timeZone: Type.Optional(Zone),
    catchUp: Type.Optional(Duration),
    flows: Type.Optional(
      Type.Array(Text('a flow of this file'), {
        uniqueItems: true,
        description: 'default: all, in the order of the file',
      }),
    ),
    jobs: Type.Optional(
      Type.Array(Text('a job of this file'), {
        uniqueItems: true,
        description: 'default: all, in the order of the file',
      }),
    ),
  },
  closed,
);
export type ScheduleConfig = Static<typeof ScheduleConfig>;

const byReference = 'as reference, e.g. ${file:secrets/…}';
const TlsConfig = Type.Object(
  {
    ca: Type.Optional(Text(`the authority that signed the server’s certificate, PEM, ${byReference}`)),
    cert: Type.Optional(Text(`the client’s certificate, PEM, ${byReference}`)),
    key: Type.Optional(Text(`the client’s private key, PEM, ${byReference}`)),
    serverName: Type.Optional(Text('the name in the server’s certificate, where it is not the host of the address')),
  },
  { ...closed, description: 'TLS; certificates are always verified' },
);

const DatabaseConfig = Type.Object(
  {
    url: Type.Optional(Text('postgres://user:${env:NAME}@host:5432/database; DATABASE_URL goes before it')),
    tls: Type.Optional(TlsConfig),
  },
  { ...closed, description: 'the PostgreSQL to use; without it the hub starts its own' },
);

const TemporalConfig = Type.Object(
  {
    address: Type.Optional(Text('host:port; TEMPORAL_ADDRESS goes before it')),
    namespace: Type.Optional(Text('default: default')),
    tls: Type.Optional(TlsConfig),
    apiKey: Type.Optional(Text(`for Temporal Cloud, ${byReference}`)),
    encryption: Type.Optional(
      Type.Object(
        {
          keyId: Text('a name for the key, in quotes'),
          key: Text(`32 bytes in base64, ${byReference}`),
          oldKeys: Type.Optional(
            Type.Record(Type.String({ minLength: 1 }), Text(`32 bytes in base64, ${byReference}`), {
              description: 'keys that older payloads were encrypted with, by their keyId',
            }),
          ),
        },
        { ...closed, description: 'encrypts what Temporal keeps of workflows' },
      ),
    ),
  },
  { ...closed, description: 'the Temporal to use; without an address the hub starts its own' },
);

const LotRule = Type.Object(
  {
    plants: Type.Array(Text('a plant, in quotes'), { minItems: 1, uniqueItems: true, description: 'where it holds' }),
    types: Type.Optional(
      Type.Array(Text('a material type'), {
        minItems: 1,
        description: 'raw, packaging, semi, finished; without it, all',
      }),
    ),
    pattern: Text('a lot pattern, e.g. F{made:yyMMdd}{seq:3}'),
    counts: Text('the part that the hub counts, e.g. seq'),
  },
  closed,
);

export const HubConfig = Type.Object(
  {
    timeZone: Type.Optional(Zone),
    database: Type.Optional(DatabaseConfig),
    temporal: Type.Optional(TemporalConfig),
    systems: named(SystemConfig, 'the installations that the hub connects'),
    flows: Type.Optional(named(FlowConfig, 'what is kept in step')),
    jobs: Type.Optional(named(JobConfig, 'what is compared')),
    schedules: Type.Optional(named(ScheduleConfig, 'what runs when')),
    lotNumbers: Type.Optional(named(LotRule, 'lot numbers that the hub gives itself, by rule')),
    serialNumbers: Type.Optional(named(LotRule, 'serial numbers that the hub gives to pieces of a lot, by rule')),
    window: Type.Optional(Duration),
    workers: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 64,
        description:
          'how many processes of the hub speak to its systems, each to its share of them; default: 0, the hub itself does',
      }),
    ),
    keepRaw: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'how many records of each stream are kept as they came, to try a draft of a mapping on; default: 10000, 0 keeps none',
      }),
    ),
    deadMan: Type.Optional(
      Type.Object(
        { url: Type.String({ minLength: 1, description: 'called after each complete night; may be ${env:NAME}' }) },
        closed,
      ),
    ),
    telemetry: Type.Optional(
      Type.Object(
        {
          traces: Type.Optional(
            Type.Object(
              {
                url: Type.String({
                  minLength: 1,
                  description:
                    'whole address of an OpenTelemetry collector (OTLP over HTTP), e.g. http://127.0.0.1:4318/v1/traces; may be ${env:NAME}',
                }),
              },
              { ...closed, description: 'sends traces of runs, steps and requests; without it there are none' },
            ),
          ),
        },
        closed,
      ),
    ),
    snapshots: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            minLength: 1,
            description: 'a folder as file: URL, e.g. file:///var/lib/lotbridge/snapshots',
          }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type HubConfig = Static<typeof HubConfig>;
