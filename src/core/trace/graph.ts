/** Depth and shape of a walk, from the rows that it found. A walk alternates: lot, transformation, lot, … */
export type Direction = 'forward' | 'backward';
export type NodeKind = 'lot' | 'transformation';

export interface Edge {
  /** Node ids, `lot:7` and `transformation:3`; `from` went into or came out as `to`. */
  from: string;
  to: string;
}

/** Steps from the start to each node that the edges reach, nearest first. Cycles end, because a node counts once. */
export const depths = (start: string, edges: readonly Edge[], direction: Direction): Map<string, number> => {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const [near, far] = direction === 'forward' ? [from, to] : [to, from];
    const known = next.get(near);
    if (known) known.push(far);
    else next.set(near, [far]);
  }
  const depth = new Map([[start, 0]]);
  let edge = [start];
  for (let level = 1; edge.length > 0; level += 1) {
    const reached: string[] = [];
    for (const node of edge) {
      for (const far of next.get(node) ?? []) {
        if (depth.has(far)) continue;
        depth.set(far, level);
        reached.push(far);
      }
    }
    edge = reached;
  }
  return depth;
};
