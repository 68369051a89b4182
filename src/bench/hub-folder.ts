/** The folder of a benchmark's hub: hub.yaml, and for each system its connector and its mapping. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const writeHubFolder = (
  folder: string,
  hub: string,
  systems: Record<string, { connector: string; mapping: string }>,
): string => {
  for (const part of ['mappings', 'connectors']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'hub.yaml'), hub);
  for (const [system, { connector, mapping }] of Object.entries(systems)) {
    writeFileSync(join(folder, `connectors/${system}.yaml`), connector);
    writeFileSync(join(folder, `mappings/${system}.yaml`), mapping);
  }
  return folder;
};
