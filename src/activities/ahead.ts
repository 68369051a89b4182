/** The next page is fetched while this one is worked on. */
export async function* ahead<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]();
  const fetch = (): Promise<IteratorResult<T>> => {
    const next = iterator.next();
    next.catch(() => undefined);
    return next;
  };
  try {
    for (let next = fetch(); ; ) {
      const page = await next;
      if (page.done) return;
      next = fetch();
      yield page.value;
    }
  } finally {
    await iterator.return?.();
  }
}
