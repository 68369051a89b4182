/** Reads a connector from YAML; everything that is wrong is told at once, with file, line and column. */
import { type Problem, refuse } from '../../config/problems.js';
import { nearest } from '../../config/validate.js';
import { loadYaml } from '../../config/yaml.js';
import { HttpConnector } from './schema.js';
import { filterNames, templateProblem } from './template.js';

/** @throws ConfigError `config.invalid` */
export const loadHttpConnector = (file: string): HttpConnector => {
  const yaml = loadYaml(file, HttpConnector);
  const problems: Problem[] = [];
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      const found = templateProblem(value);
      if (!found) return;
      const near = found.word === undefined ? undefined : nearest(found.word, filterNames);
      const fix =
        found.word === undefined
          ? 'write {{path}} or {{path | filter}}'
          : near
            ? `write \`${near}\``
            : `use one of ${filterNames.join(', ')}`;
      problems.push(yaml.problem(path, found.wrong, fix));
    } else if (Array.isArray(value)) for (const [index, one] of value.entries()) walk(one, [...path, index]);
    else if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
  };
  walk(yaml.value, []);
  for (const [name, stream] of Object.entries(yaml.value.streams ?? {})) {
    const page = stream.page;
    if (page?.kind === 'cursor' && (page.body === undefined) === (page.lastRecord === undefined))
      problems.push(
        yaml.problem(
          ['streams', name, 'page'],
          'cursor paging needs exactly one source of the next cursor',
          'write `body: path` or `lastRecord: field`',
        ),
      );
    if (stream.cursor && stream.cursor.mode !== 'client' && !JSON.stringify(stream).includes('{{since'))
      problems.push(
        yaml.problem(
          ['streams', name, 'cursor'],
          'the request never names {{since}}',
          'use {{since}} in the request, or write `mode: client`',
        ),
      );
  }
  refuse(problems);
  return yaml.value;
};
