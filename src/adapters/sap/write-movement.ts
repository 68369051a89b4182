/** Goods movements: one deep insert a document with our key in ReferenceDocument; taken back by the function Cancel. */
import type { LookupOutcome, RawRecord, WriteOutcome, WriteRecord } from '../contract.js';
import type { HttpResponse } from '../engine/transport.js';
import { dataOf } from './answer.js';
import type { SapClient } from './client.js';
import { outcomeOfAnswer, outcomeOfFailure } from './outcome.js';
import { collect } from './read.js';
import { isObject, literal, toWire } from './values.js';

const service = 'API_MATERIAL_DOCUMENT_SRV';
const headers = { service, set: 'A_MaterialDocumentHeader' };
const items = { service, set: 'A_MaterialDocumentItem' };

/** `2026/4900000012` */
const referenceOf = (document: RawRecord): string => `${document.MaterialDocumentYear}/${document.MaterialDocument}`;

/** The document under our key. A Cancel may copy the reference, so what takes something back is not it. */
const posted = async (client: SapClient, key: string, signal: AbortSignal | undefined): Promise<string | undefined> => {
  const query = {
    $filter: `ReferenceDocument eq ${literal('text', key)}`,
    $orderby: 'MaterialDocumentYear,MaterialDocument',
  };
  const found = await collect(client, headers, query, signal);
  const document = found.find((one) => one.GoodsMovementCode !== '06');
  return document && referenceOf(document);
};

const taken = async (
  client: SapClient,
  record: RawRecord,
  signal: AbortSignal | undefined,
): Promise<string | undefined> => {
  const [year = '', number = ''] = String(record.reference ?? '').split('/');
  const filter = `ReversedMaterialDocumentYear eq ${literal('text', year)} and ReversedMaterialDocument eq ${literal('text', number)}`;
  const found = (await collect(client, items, { $filter: filter }, signal))[0];
  return found && referenceOf(found);
};

export const lookupMovement = async (
  client: SapClient,
  { key, action, record }: WriteRecord,
  signal: AbortSignal | undefined,
): Promise<LookupOutcome> => {
  const reference = action === 'reverse' ? await taken(client, record, signal) : await posted(client, key, signal);
  return reference === undefined ? { key, found: false } : { key, found: true, reference, complete: true };
};

export const writeMovement = async (
  client: SapClient,
  write: WriteRecord,
  signal: AbortSignal | undefined,
): Promise<WriteOutcome> => {
  const { key } = write;
  try {
    const before = await lookupMovement(client, write, signal);
    if (before.found) return { key, status: 'duplicate', reference: before.reference };
    const response = await (write.action === 'reverse' ? cancel(client, write, signal) : post(client, write, signal));
    if (response.status !== 200 && response.status !== 201) return outcomeOfAnswer(key, response);
    const reference = referenceIn(response);
    if (reference !== undefined) return { key, status: 'written', reference };
    return { key, status: 'unknown', code: 'sap.not-odata', message: 'SAP answered without a document number' };
  } catch (error) {
    return outcomeOfFailure(key, error);
  }
};

const post = (client: SapClient, { key, record }: WriteRecord, signal: AbortSignal | undefined) =>
  client.write({
    method: 'POST',
    service,
    resource: headers.set,
    body: toWire({ ...record, ReferenceDocument: key }),
    signal,
  });

const cancel = (client: SapClient, { record }: WriteRecord, signal: AbortSignal | undefined) => {
  const [year = '', number = ''] = String(record.reference ?? '').split('/');
  const day = record.PostingDate;
  return client.write({
    method: 'POST',
    service,
    resource: 'Cancel',
    query: {
      MaterialDocumentYear: literal('text', year),
      MaterialDocument: literal('text', number),
      ...(typeof day === 'string' ? { PostingDate: literal('day', day.slice(0, 10)) } : {}),
    },
    signal,
  });
};

/** SAP said yes; whatever the body is then, the document may stand. */
const referenceIn = (response: HttpResponse): string | undefined => {
  const body = dataOf(response.text);
  if (!isObject(body)) return undefined;
  const inner = isObject(body.Cancel) ? body.Cancel : body;
  return typeof inner.MaterialDocument === 'string' ? referenceOf(inner) : undefined;
};
