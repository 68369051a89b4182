/** The lot as the second side would write it, for a lot that it does not know. */
import type { JobPlan } from '../core/drift/job.js';
import type { FoundDifference } from '../store/compare/compare.js';
import type { Deps } from './deps.js';

/** By the formats of both mappings; the other side's own text where no format reads it. */
export const erpLotText = (deps: Deps, plan: JobPlan, { lotTexts, dims }: FoundDifference): string | undefined => {
  const text = lotTexts.first;
  if (text === undefined) return undefined;
  const attributes = { plant: dims.plant, scope: dims.scope || dims.plant };
  const from = deps.mapping(plan.first.system).compiled.lots;
  const parsed = from.tryParse(text, attributes);
  if (!('parts' in parsed)) return text;
  const { format, parts } = plan.sublots === 'rolled up' ? (parsed.partOf ?? parsed) : parsed;
  const rendered = deps.mapping(plan.second.system).compiled.lots.tryRender(format, parts, attributes);
  return 'text' in rendered ? rendered.text : text;
};
