/** Puts the masters of the compared stock into a store, as earlier nights would have left them: announced by all systems. */
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { parseYaml } from '../config/yaml.js';
import { compileMapping } from '../core/mapping/compile.js';
import { MappingFile } from '../core/mapping/schema.js';
import { openPool, type Pool } from '../store/database.js';
import { migrate } from '../store/migrate.js';
import { registerSystems } from '../store/systems.js';
import { lotsOfOne, lotText, mapping, materialCode, materialsOf, systems } from './balance-hub.js';

export const seedMasters = async (databaseUrl: string, balances: number): Promise<void> => {
  const pool = openPool(databaseUrl, 2);
  try {
    await migrate(pool);
    const common = { kind: 'http', plants: ['1010'], timeZone: 'Asia/Shanghai', dayStart: '00:00' };
    await registerSystems(
      pool,
      systems.map((name) => ({ ...common, name, role: name })),
    );
    await copySeed(pool, materialsOf(balances));
    await pool.query(
      `insert into material (code, name, base_unit) select distinct material, 'Part ' || material, 'KGM' from seed`,
    );
    await pool.query(
      `insert into lot (material_id, number, number_key, plant)
       select m.id, s.erp, s.number_key, '1010' from seed s join material m on m.code = s.material`,
    );
    for (const system of systems) {
      await pool.query(
        `insert into alias (system, entity, key, our_id, bound_by) select $1, 'material', code, id, 'seed' from material`,
        [system],
      );
      await pool.query(
        `insert into alias (system, entity, key, our_id, bound_by)
         select $1, 'lot', jsonb_build_array(s.material, '{}'::jsonb, s.${system})::text, l.id, 'seed'
           from seed s join material m on m.code = s.material join lot l on l.material_id = m.id and l.number_key = s.number_key`,
        [system],
      );
    }
    await pool.query('drop table seed');
    await pool.query('vacuum analyze material, lot, alias');
  } finally {
    await pool.end();
  }
};

const copySeed = async (pool: Pool, materials: number): Promise<void> => {
  const file = parseYaml(mapping('erp'), 'erp.yaml', MappingFile).yaml?.value;
  if (!file) throw new Error('the mapping of the benchmark is wrong');
  const { lots } = compileMapping(file);
  await pool.query('create table seed (material text, erp text, wms text, mes text, number_key text)');
  const client = await pool.connect();
  try {
    const copy = client.query(copyFrom('copy seed from stdin'));
    for (let material = 0; material < materials; material += 1) {
      let text = '';
      for (let lot = 0; lot < lotsOfOne; lot += 1) {
        const [erp, wms, mes] = systems.map((system) => lotText(system, material, lot));
        text += `${[materialCode(material), erp, wms, mes, lots.identityOf(erp ?? '')].join('\t')}\n`;
      }
      if (!copy.write(text.replaceAll('\\', '\\\\'))) await once(copy, 'drain');
    }
    copy.end();
    await once(copy, 'finish');
  } finally {
    client.release();
  }
};
