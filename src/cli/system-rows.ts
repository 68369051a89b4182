/** The systems of hub.yaml as the store knows them. */
import type { HubConfig } from '../config/hub.js';
import type { SystemRow } from '../store/systems.js';

export const systemRows = ({ systems, timeZone }: Pick<HubConfig, 'systems' | 'timeZone'>): SystemRow[] =>
  Object.entries(systems).map(([name, system]) => ({
    name,
    kind: system.kind,
    role: system.role,
    plants: system.plants ?? [],
    timeZone: system.timeZone ?? timeZone ?? 'UTC',
    dayStart: system.dayStart ?? '00:00',
  }));
