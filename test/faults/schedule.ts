/** What goes wrong, and when: drawn from a seed, so that the same seed gives the same faults in the same order. */
import { faultyAnswer, type Weather, weatherKinds } from './weather.js';

/** Something that happens to a process, a file or a whole system. */
export const blows = [
  'hub-kill',
  'hub-term',
  'postgres-kill',
  'temporal-kill',
  'temporal-wiped',
  'plant-frozen',
  'mes-cut',
  'mes-locked',
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
  nightsARound: number;
  weatherANight: number;
  blows: readonly Blow[];
  plantSeeds: number;
}
export const usualShape: Shape = { nightsARound: 2, weatherANight: 36, blows, plantSeeds: 3 };

/** `count` faults in rounds; each round draws from a generator of its own, so that a longer campaign begins like a shorter one. */
export const schedule = (seed: number, count: number, shape: Shape = usualShape): Round[] => {
  const rounds: Round[] = [];
  let n = 0;
  for (let number = 1; n < count; number++) {
    const draw = random(seed * 1009 + number);
    const round: Round = {
      number,
      plantSeed: 1 + draw.below(shape.plantSeeds),
      clocks: { kingdee: 0, wms: 0 },
      nights: [],
    };
    if (draw.below(6) === 0 && shape.nightsARound > 1) {
      round.clocks[draw.pick(['kingdee', 'wms'] as const)] = draw.pick([-8, 8]);
      round.clockFault = ++n;
    }
    for (let night = 0; night < shape.nightsARound && n < count; night++) {
      const blow: PlannedBlow = {
        n: ++n,
        kind: draw.pick(shape.blows),
        afterWrites: draw.below(25),
        afterMs: 500 + draw.below(12_000),
        system: draw.pick(['sap', 'kingdee', 'wms']),
      };
      const weather: Weather[] = [];
      while (weather.length < shape.weatherANight && n < count)
        weather.push(faultyAnswer(++n, draw.pick(weatherKinds), draw));
      round.nights.push({ weather, blow });
    }
    rounds.push(round);
  }
  return rounds;
};
