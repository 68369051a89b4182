/** Business ids of workflows and names of task queues. What stands here is part of recorded histories. */
export const syncWorkflowId = (flow: string): string => `sync/${flow}`;
export const reconcileWorkflowId = (job: string): string => `reconcile/${job}`;
export const traceWorkflowId = 'trace';
export const nightlyWorkflowId = 'nightly';
export const scheduledNightId = (schedule: string): string => `nightly/${schedule}`;
export const hubQueue = 'hub';
export const systemQueue = (system: string): string => `system-${system}`;
