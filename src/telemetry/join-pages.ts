/** Pages of figures in the text format of Prometheus as one page: each figure is told once, with the lines of all. */

interface Figure {
  head: string[];
  lines: string[];
}

export const joinPages = (pages: readonly string[]): string => {
  const [only, ...more] = pages.filter((page) => page !== '');
  if (more.length === 0) return only ?? '';
  const figures = new Map<string, Figure>();
  for (const page of pages) {
    let figure: Figure | undefined;
    let known = false;
    for (const line of page.split('\n')) {
      const name = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1];
      if (name === undefined) {
        if (line !== '') figure?.lines.push(line);
        continue;
      }
      if (figures.get(name) !== figure || figure === undefined) {
        known = figures.has(name);
        figure = figures.get(name) ?? { head: [], lines: [] };
        figures.set(name, figure);
      }
      if (!known) figure.head.push(line);
    }
  }
  return [...figures.values()].flatMap(({ head, lines }) => [...head, ...lines, '']).join('\n');
};
