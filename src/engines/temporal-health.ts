/** Questions to a Temporal server: does it answer, and how long it keeps finished workflows. */
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

const NAMESPACE = 'default';

const withConnection = async <T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ address, connectTimeout: 2000 });
  try {
    return await connection.withDeadline(Date.now() + 5000, () => work(connection));
  } finally {
    await connection.close();
  }
};

/** True, or why not. One call that needs the server's frontend and its database. */
export const isHealthy = async (address: string): Promise<true | string> => {
  try {
    await withConnection(address, ({ workflowService }) => workflowService.describeNamespace({ namespace: NAMESPACE }));
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
