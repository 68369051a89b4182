/** Movements of a MES become documents of an ERP that takes ten at a time and 20 ms for each. */
import { Agent } from 'node:http';
import { join } from 'node:path';
import axios from 'axios';
import { openPool } from '../store/database.js';
import { writeDocumentHub } from './document-hub.js';
import { type Benchmark, type Result, result, seconds } from './result.js';
import type { Workshop } from './workshop.js';

const atOnce = 10;
const peerDocuments = 5000;
const against = `a bare client that keeps ${atOnce} requests under way, without store or workflow`;

const writeBack = async (n: number, workshop: Workshop): Promise<Result[]> => {
  const url = await workshop.serve('document-server', String(n));
  const peer = peerDocuments / (await seconds(() => bareClient(url)));
  await axios.get(`${url}/taken`);
  const configDir = writeDocumentHub(join(workshop.folder, 'config'), url);
  await workshop.hub(configDir, 'sync', 'items');
  const { answer, peakMiB } = await workshop.hub(configDir, 'sync', 'postings');
  const { data: taken } = await axios.get<{ documents: number; refused: number; firstAt: number }>(`${url}/taken`);
  const [run] = (answer.runs ?? []) as { outcome: string; written: number }[];
  if (run?.outcome !== 'agreed' || run.written !== n || taken.documents !== n)
    throw new Error(`expected ${n} documents, got ${JSON.stringify({ run, taken })}`);
  workshop.say(`write-back: ${taken.refused} requests were refused with 429`);
  const settledAt = await lastSettled(workshop.databaseUrl);
  return [result(n, 'documents/s', n / ((settledAt - taken.firstAt) / 1000), peer, against, peakMiB)];
};

const bareClient = async (url: string): Promise<void> => {
  const http = axios.create({ httpAgent: new Agent({ keepAlive: true, maxSockets: atOnce }) });
  let left = peerDocuments;
  const one = async (): Promise<void> => {
    while (left-- > 0) await http.post(`${url}/documents`, { order: String(left), lines: [{ quantity: '1' }] });
  };
  await Promise.all(Array.from({ length: atOnce }, one));
};

/** From the first document at the ERP until the last one stands as written in the store. */
const lastSettled = async (databaseUrl: string): Promise<number> => {
  const pool = openPool(databaseUrl, 1);
  const { rows } = await pool.query<{ at: Date }>(`select max(changed_at) as at from intent where state = 'written'`);
  await pool.end();
  return rows[0]?.at.getTime() ?? 0;
};

export const writeBackBenchmarks: Record<string, Benchmark> = { 'write-back': { usual: 20_000, run: writeBack } };
