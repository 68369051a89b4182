/** What goes wrong, and when: drawn from a seed, so that the same seed gives the same faults in the same order. */
import { faultyAnswer, type Weather, weatherKinds } from './weather.js';

/** Something that happens to a process, a file or a whole system. */
export const blows = [
  'hub-kill',
  'hub-term',
  'worker-kill',
  'postgres-kill',
  'temporal-kill',
  'temporal-wiped',
  'plant-frozen',
  'rows-moved',
  'mes-cut',
  'mes-locked',
  'mes-lock-timeout',
  'mes-deadlock',
  'mes-connections',
  'mes-not-taken',
  'mes-late-rows',
  'system-down',
  'two-syncs',
  'disk-full',
] as const;
export type Blow = (typeof blows)[number];

export interface PlannedBlow {
  n: number;
  kind: Blow;
  /** Falls when the plant has accepted so many writes in this night, or so many ms after the night began. */
  afterWrites: number;
  afterMs: number;
  /** Of `system-down`. */
  system: 'sap' | 'kingdee' | 'wms';
}

/** One night: requests that are answered badly, and perhaps one blow. */
export interface Night {
  weather: Weather[];
  blow?: PlannedBlow;
}

/** A plant on a new hub, some bad nights, then good ones. */
export interface Round {
  number: number;
  plantSeed: number;
  /** Hours by which a system's clock is wrong. */
  clocks: { kingdee: number; wms: number };
  clockFault?: number;
  /** The system that not the hub but a `lotbridge worker` speaks to. */
  elsewhere?: 'sap' | 'kingdee' | 'wms' | 'mes';
  /** Processes of the hub that speak to the systems; 0: the hub itself does. */
  processes: number;
  nights: Night[];
}

export const random = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[below(list.length)] as T;
  return { below, pick };
};
export type Random = ReturnType<typeof random>;

export interface Shape {
  /** Bad answers in each night of a round: the first one has most to ask and to write. */
  weather: readonly number[];
  blows: readonly Blow[];
  plantSeeds: number;
  /** Records a page, so that also a small plant is read in several; the systems' usual ones without it. */
  pageSize?: number;
}
export const usualShape: Shape = { weather: [64, 36, 12], blows, plantSeeds: 3, pageSize: 100 };

/** Card `n` of a deck that is shuffled anew when all its cards are dealt: each of them comes once in so many. */
const dealt = <T>(seed: number, cards: readonly T[], n: number): T => {
  const draw = random(seed * 7919 + Math.floor(n / cards.length) + 1);
  const rest = [...cards];
  for (let skipped = n % cards.length; skipped > 0; skipped--) rest.splice(draw.below(rest.length), 1);
  return draw.pick(rest);
};

/**
 * `count` faults in rounds; each round draws from a generator of its own, so that a longer campaign begins like a shorter one.
 * Every blow falls once before any falls twice, and one round in four has a wrong clock.
 */
export const schedule = (seed: number, count: number, shape: Shape = usualShape): Round[] => {
  const rounds: Round[] = [];
  let n = 0;
  for (let number = 1; n < count; number++) {
    const draw = random(seed * 1009 + number);
    const round: Round = {
      number,
      plantSeed: 1 + draw.below(shape.plantSeeds),
      clocks: { kingdee: 0, wms: 0 },
      processes: number % 2 === 0 ? 2 : 0,
      nights: [],
    };
    if (shape.weather.length > 1 && dealt(seed + 1, [true, false, false, false], number - 1)) {
      round.clocks[draw.pick(['kingdee', 'wms'] as const)] = draw.pick([-8, 8]);
      round.clockFault = ++n;
    }
    for (const [night, bad] of shape.weather.entries()) {
      if (n >= count) break;
      const blow: PlannedBlow = {
        n: ++n,
        kind: dealt(seed, shape.blows, (number - 1) * shape.weather.length + night),
        afterWrites: draw.below(25),
        afterMs: 500 + draw.below(12_000),
        system: draw.pick(['sap', 'kingdee', 'wms']),
      };
      if (blow.kind === 'worker-kill') round.elsewhere = draw.pick(['sap', 'kingdee', 'wms', 'mes']);
      const weather: Weather[] = [];
      while (weather.length < bad && n < count)
        weather.push(faultyAnswer(++n, dealt(seed * 1009 + number, weatherKinds, weather.length), draw));
      round.nights.push({ weather, blow });
    }
    rounds.push(round);
  }
  return rounds;
};
