/** What a person must know of a document that did not go through, or of which nobody knows whether it did. */
import type { ExceptionInput } from '../store/exceptions.js';
import type { IntentRow } from '../store/intents.js';

/** The target said no: the document is kept, so that it can go again. */
export const refusedDocument =
  (target: string) =>
  (intent: IntentRow): ExceptionInput => ({
    class: 'parked',
    ...aboutDocument(target, intent),
    evidence: evidenceOf(intent),
  });

/** It was sent, its answer was lost, and the target offers nothing to find out: sending it again could post it twice. */
export const unknownDocument =
  (target: string) =>
  (intent: IntentRow): ExceptionInput => ({
    class: 'unknown-write',
    ...aboutDocument(target, intent),
    evidence: {
      ...evidenceOf(intent),
      attempts: intent.attempt,
      question: `Look in ${target} for document ${intent.document_id} of ${intent.source_system}. Only if it is not there, replay this exception.`,
    },
  });

const aboutDocument = (target: string, intent: IntentRow): Omit<ExceptionInput, 'class' | 'evidence'> => ({
  key: `${target}/${intent.key}`,
  systems: [intent.source_system, target],
  ...whatItIsAbout(intent.document),
  payload: intent.document,
});

const evidenceOf = (intent: IntentRow): Record<string, unknown> => ({
  code: intent.error_code,
  message: intent.error_message,
  document: intent.document_id,
  intent: intent.key,
});

/** For the list: plant, material and lot of a document, where it has one of each. */
const whatItIsAbout = (document: Record<string, unknown>): Pick<ExceptionInput, 'plant' | 'material' | 'lot'> => {
  const lines = Array.isArray(document.lines) ? document.lines : [document];
  const only = (name: string): string | undefined => {
    const values = new Set(lines.map((line: Record<string, unknown>) => line[name] ?? document[name]));
    const [value] = values;
    return values.size === 1 && typeof value === 'string' ? value : undefined;
  };
  return { plant: only('plant'), material: only('material') ?? only('code'), lot: only('lot') };
};
