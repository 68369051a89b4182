/**
 * Whose word counts when several systems report one real thing: the one that stood beside it. The shop floor knows which
 * lot went into an order, the warehouse knows which lot came, left or was merged; the ERP counts where neither speaks.
 */
export type Role = 'mes' | 'wms' | 'erp' | 'other';

const floor: readonly Role[] = ['mes', 'erp', 'wms', 'other'];
const warehouse: readonly Role[] = ['wms', 'erp', 'mes', 'other'];

const byClass: Readonly<Record<string, readonly Role[]>> = { issue: floor, produce: floor, rework: floor };

/** A row for each class of facts that has an order of its own, and one (`class` empty) for all others; 0 counts first. */
export const precedenceRows = (): { class: string; role: Role; rank: number }[] =>
  Object.entries({ ...byClass, '': warehouse }).flatMap(([name, roles]) =>
    roles.map((role, rank) => ({ class: name, role, rank })),
  );
