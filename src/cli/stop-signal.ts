/** Ctrl-C and SIGTERM as something to wait for. */

/** The first signal asks for a clean end; whoever sends a second one does not want to wait for it. */
export const stopSignal = (): AbortSignal => {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (asked.signal.aborted) process.exit(130);
      asked.abort();
    });
  return asked.signal;
};
