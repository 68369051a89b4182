/** What goes wrong in the database of the MES: real locks, limits and rows of a real PostgreSQL. Each says whether it was met. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Plant } from './plant.js';

const hubUser = 'sandbox_mes_hub';
const cut = `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${hubUser}'`;
const middleTables = ['hub_in_item', 'hub_in_lot'];

const lockAll = async (client: pg.Client, ms: number): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  await client.query('begin');
  await client.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access exclusive mode`);
  await sleep(ms);
  await client.query('rollback');
};

export const cutConnections = ({ mes }: Plant) => mes((client) => client.query(cut));

export const lockTables = ({ mes }: Plant) => mes((client) => lockAll(client, 2000));

/** The MES waits for no lock longer than a moment (`lock_timeout`), and its tables are locked. */
export const lockTimeout = ({ mes }: Plant) =>
  mes(async (client) => {
    await client.query(`alter role ${hubUser} set lock_timeout = '300ms'`);
    try {
      await client.query(cut);
      await lockAll(client, 2500);
    } finally {
      await client.query(`alter role ${hubUser} reset lock_timeout`);
      await client.query(cut);
    }
  });

/** No room for a connection of the hub. */
export const noConnections = ({ mes }: Plant) =>
  mes(async (client) => {
    await client.query(`alter role ${hubUser} connection limit 0`);
    try {
      await client.query(cut);
      await sleep(2500);
    } finally {
      await client.query(`alter role ${hubUser} connection limit -1`);
    }
  });

/** Rows that the MES had taken are new again for a while, and nobody is told how their transactions ended. */
export const notTaken = ({ mes }: Plant) =>
  mes(async (client) => {
    const set = async (status: string) => {
      for (const table of middleTables) await client.query(`update ${table} set status = '${status}'`);
    };
    await client.query(`set session_replication_role = replica`);
    await set('N');
    await client.query(cut);
    await sleep(3000);
    await set('Y');
  });

/** The next transaction of the hub that writes meets one of the MES head-on, and PostgreSQL ends the hub's. A new material sees to it that there is one. */
export const deadlock = ({ mes, stir }: Plant, over: Promise<unknown>): Promise<boolean> =>
  mes(async (client) => {
    await stir('sap', { from: 0, count: 0, ghost: true });
    let ended = false;
    void over.then(() => {
      ended = true;
    });
    await client.query(`
      create or replace function meet() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(1);
        perform pg_advisory_xact_lock(2);
        return new;
      end $$`);
    await client.query('begin');
    // Whoever notices first is the victim: not this one.
    await client.query(`set local deadlock_timeout = '60s'`);
    await client.query('select pg_advisory_xact_lock(2)');
    return mes(async (other) => {
      for (const table of middleTables)
        await other.query(
          `create trigger a_meeting before insert or update on ${table} for each row when (current_user = '${hubUser}') execute function meet()`,
        );
      const waiting = `select 1 from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and not l.granted and a.usename = '${hubUser}'`;
      let met = false;
      for (const until = Date.now() + 60_000; !met && !ended && Date.now() < until; await sleep(20))
        met = ((await other.query(waiting)).rowCount ?? 0) > 0;
      if (met) await client.query('select pg_advisory_xact_lock(1)');
      await client.query('rollback');
      for (const table of middleTables) await other.query(`drop trigger a_meeting on ${table}`);
      await stir('sap', { from: 0, count: 0, ghost: false });
      return met;
    });
  });

/**
 * A document whose number is lower is seen later: its transaction is open until the night is over. One that nothing
 * builds on, near the end, because a MES does not keep a transaction open for hundreds of others.
 */
export const lateRows = ({ mes }: Plant, over: Promise<unknown>): Promise<boolean> =>
  mes(async (client) => {
    const { rows } = await client.query<{ doc_no: string }>(`
      select doc_no from mes_movement m group by doc_no
      having min(seq) > (select max(seq) - 18 from mes_movement) and max(seq) < (select max(seq) from mes_movement)
         and bool_and(move_type = 'CONSUME' and reverse_doc = '')
         and not exists (select 1 from mes_movement r where r.reverse_doc = m.doc_no)
      order by min(seq) limit 1`);
    const [document] = rows;
    if (document === undefined) return false;
    await client.query('create table held as select * from mes_movement where doc_no = $1', [document.doc_no]);
    await client.query('delete from mes_movement where doc_no = $1', [document.doc_no]);
    await client.query('begin');
    await client.query('insert into mes_movement select * from held');
    await over;
    await client.query('drop table held');
    await client.query('commit');
    return true;
  });

/** Rows get another time of change while they are read page by page. */
export const stirMes = ({ mes }: Plant, from: number, count: number) =>
  mes(async (client) => {
    for (const table of ['mes_item', 'mes_lot'])
      await client.query(
        `update ${table} set update_time = timezone('Asia/Shanghai', clock_timestamp())
          where ctid in (select ctid from ${table} order by update_time
                         offset $1 % greatest(1, (select count(*) from ${table})) limit $2)`,
        [from, count],
      );
  });
