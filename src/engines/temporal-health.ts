/** Questions to a Temporal server: does it answer, and how long it keeps finished workflows. */
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

import { type TemporalServer, temporalOptions } from '../core/servers.js';

const NAMESPACE = 'default';
type At = string | TemporalServer;
const serverOf = (at: At): TemporalServer => (typeof at === 'string' ? { address: at, namespace: NAMESPACE } : at);

const withConnection = async <T>(at: At, work: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ ...temporalOptions(serverOf(at)), connectTimeout: 5000 });
  try {
    return await connection.withDeadline(Date.now() + 5000, () => work(connection));
  } finally {
    await connection.close();
  }
};

/** True, or why not. One call that needs the server's frontend and its database. */
export const isHealthy = async (at: At): Promise<true | string> => {
  try {
    const { namespace } = serverOf(at);
    await withConnection(at, ({ workflowService }) => workflowService.describeNamespace({ namespace }));
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** How long finished workflows stay visible: the development server's own default is one day. */
export const setRetention = async (address: string, retention: '30 days'): Promise<void> => {
  const config = { workflowExecutionRetentionTtl: msToTs(retention) };
  await withConnection(address, ({ workflowService }) =>
    workflowService.updateNamespace({ namespace: NAMESPACE, config }),
  );
};
