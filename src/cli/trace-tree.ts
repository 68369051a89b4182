/** A trace as a person reads it: what each thing came from, or went into, one step further in. */
import { en } from '../messages/en.js';
import type { TraceAnswer, TraceNode } from '../store/trace/answer.js';
import type { WalkLink } from '../store/trace/walk.js';

const maxLines = 400;
const maxGaps = 20;

export const traceText = (answer: TraceAnswer): string => {
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const steps = new Map<string, WalkLink[]>();
  for (const link of answer.links) {
    const near = answer.direction === 'forward' ? link.from : link.to;
    steps.set(near, [...(steps.get(near) ?? []), link]);
  }
  const lines: string[] = [];
  const shown = new Set<string>();
  const show = (node: TraceNode, indent: string): void => {
    shown.add(node.id);
    const ways = steps.get(node.id) ?? [];
    for (const [at, link] of ways.entries()) {
      const next = nodes.get(answer.direction === 'forward' ? link.to : link.from);
      if (!next) continue;
      const last = at === ways.length - 1;
      const again = shown.has(next.id) && steps.has(next.id);
      lines.push(`${indent}${last ? '└─ ' : '├─ '}${stepText(next, link)}${again ? ` ${en.trace.seeAbove}` : ''}`);
      if (!again) show(next, `${indent}${last ? '   ' : '│  '}`);
    }
  };
  const start = answer.nodes[0];
  if (start) show(start, '');
  if (lines.length === 0) lines.push(en.trace.nothing[answer.direction]);
  const hidden = lines.length - maxLines;
  return [
    en.trace.title[answer.direction](start ? lotText(start) : answer.lot),
    ...lines.slice(0, maxLines),
    ...(hidden > 0 ? [en.trace.more(hidden)] : []),
    '',
    ...completeness(answer),
  ].join('\n');
};

const lotText = ({ lot, material, name, variant, plant }: TraceNode): string =>
  en.trace.lot({ lot, material: [material, name, ...Object.values(variant ?? {})].filter(Boolean).join(' '), plant });

const stepText = (node: TraceNode, { kind, quantity, unit }: WalkLink): string =>
  node.kind === 'lot'
    ? `${lotText(node)}  ${quantity} ${unit}`
    : `${en.trace.transformation(node.transformation ?? '', node.document ?? '', node.plant)}  ${kind} ${quantity} ${unit}`;

const completeness = ({ complete, gaps, readUntil, direction }: TraceAnswer): string[] => [
  complete ? en.trace.complete[direction] : en.trace.incomplete,
  ...gaps.slice(0, maxGaps).map((gap) => `  - ${gap.text}`),
  ...(gaps.length > maxGaps ? [`  - ${en.trace.moreGaps(gaps.length - maxGaps)}`] : []),
  en.trace.readUntil(
    Object.entries(readUntil)
      .map(([system, until]) => `${system} ${until ?? en.never}`)
      .join(', '),
  ),
];
