/** Remembers what was worked out before: days, codes and hours repeat in nearly every record. */

/** Forgets all of it after so many, so that no stream of records fills the memory. */
export const remembered = <K, V>(most: number, work: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = work(key);
    if (known.size >= most) known.clear();
    known.set(key, made);
    return made;
  };
};
