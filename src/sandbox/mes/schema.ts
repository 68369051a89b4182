/**
 * The tables of the simulated MES, in the style of a Chinese shop-floor system on a database: local times without a
 * zone, Y/N flags, views for others to read and middle tables (`hub_in_*`) for others to write into.
 *
 * A row of a middle table is taken over at once by the MES (a trigger, where a real one has a job every few seconds) and
 * its status goes from N (new) to Y (taken); what the MES does not know is refused with its own message.
 */
export const schema = `
CREATE TABLE mes_item (
  item_no text PRIMARY KEY, item_name text NOT NULL, item_spec text NOT NULL DEFAULT '',
  uom text NOT NULL CHECK (uom IN ('kg', 'g', 'pc', 'box')), lot_ctrl char(1) NOT NULL, shelf_life integer NOT NULL DEFAULT 0,
  is_active char(1) NOT NULL, hub_key text NOT NULL DEFAULT '', update_time timestamp(6) NOT NULL
);
CREATE INDEX ON mes_item (update_time, item_no);

CREATE TABLE mes_lot (
  lot_no text NOT NULL, item_no text NOT NULL, site text NOT NULL, scope text NOT NULL, colour text NOT NULL DEFAULT '',
  made_date date, recv_date date, exp_date date, supplier_lot text NOT NULL DEFAULT '', qc_status text NOT NULL CHECK (qc_status IN ('OK', 'HOLD')),
  hub_key text NOT NULL DEFAULT '', update_time timestamp(6) NOT NULL, PRIMARY KEY (scope, item_no, colour, lot_no)
);
CREATE INDEX ON mes_lot (update_time, scope, item_no, colour, lot_no);

CREATE TABLE mes_order (
  order_no text PRIMARY KEY, item_no text NOT NULL, site text NOT NULL, line_code text NOT NULL, plan_qty numeric NOT NULL,
  uom text NOT NULL, lot_no text NOT NULL, status text NOT NULL, update_time timestamp(6) NOT NULL
);
CREATE INDEX ON mes_order (update_time, order_no);

CREATE TABLE mes_movement (
  seq bigint PRIMARY KEY, doc_no text NOT NULL, doc_line integer NOT NULL, revision integer NOT NULL, move_type text NOT NULL,
  site text NOT NULL, scope text NOT NULL, line_code text NOT NULL, shift text NOT NULL, order_no text NOT NULL, operation text NOT NULL,
  equipment text NOT NULL, operator text NOT NULL, item_no text NOT NULL, lot_no text NOT NULL, colour text NOT NULL, to_lot_no text NOT NULL,
  qty numeric NOT NULL, uom text NOT NULL, happen_time timestamp(6) NOT NULL, enter_time timestamp(6) NOT NULL, reverse_doc text NOT NULL
);
CREATE INDEX ON mes_movement (doc_no);

CREATE VIEW v_mes_movement AS
SELECT m.*, CASE m.site WHEN '1010' THEN '0150' ELSE 'XB01' END AS line_store FROM mes_movement m;

-- What stands at the line is what the movements leave there; a merge takes from one lot and gives to another. A document
-- that takes another back has the opposite sign. Weights are counted in the item's own unit.
CREATE VIEW v_line_stock AS
SELECT s.site, s.scope, CASE s.site WHEN '1010' THEN '0150' ELSE 'XB01' END AS line_store, s.item_no, s.lot_no, s.colour, s.uom,
  trim_scale(sum(s.qty)) AS qty
FROM (
  SELECT m.site, m.scope, m.item_no, side.lot_no, m.colour,
    CASE WHEN m.uom IN ('kg', 'g') AND i.uom IN ('kg', 'g') THEN i.uom ELSE m.uom END AS uom,
    m.qty * side.sign * CASE WHEN m.reverse_doc = '' THEN 1 ELSE -1 END
      * CASE WHEN m.uom = 'g' AND i.uom = 'kg' THEN 0.001 WHEN m.uom = 'kg' AND i.uom = 'g' THEN 1000 ELSE 1 END AS qty
  FROM mes_movement m
  LEFT JOIN mes_item i ON i.item_no = m.item_no
  CROSS JOIN LATERAL (
    SELECT m.lot_no, CASE WHEN m.move_type IN ('CONSUME', 'TRANSFER_OUT', 'MERGE') THEN -1 ELSE 1 END AS sign
    UNION ALL SELECT m.to_lot_no, 1 WHERE m.move_type = 'MERGE'
  ) side
) s
GROUP BY s.site, s.scope, s.item_no, s.lot_no, s.colour, s.uom
HAVING sum(s.qty) <> 0;

CREATE TABLE hub_in_item (
  item_no text PRIMARY KEY, item_name text NOT NULL, item_spec text NOT NULL DEFAULT '', uom text NOT NULL,
  lot_ctrl char(1) NOT NULL DEFAULT 'Y', shelf_life integer NOT NULL DEFAULT 0, is_active char(1) NOT NULL DEFAULT 'Y',
  hub_key text NOT NULL, status char(1) NOT NULL DEFAULT 'N', message text, create_time timestamp(6) NOT NULL DEFAULT timezone('Asia/Shanghai', clock_timestamp())
);
CREATE TABLE hub_in_lot (
  lot_no text NOT NULL CHECK (lot_no <> ''), item_no text NOT NULL, site text NOT NULL, scope text NOT NULL, colour text NOT NULL DEFAULT '',
  made_date date, recv_date date, exp_date date, supplier_lot text NOT NULL DEFAULT '', qc_status text NOT NULL DEFAULT 'OK',
  hub_key text NOT NULL, status char(1) NOT NULL DEFAULT 'N', message text, create_time timestamp(6) NOT NULL DEFAULT timezone('Asia/Shanghai', clock_timestamp()),
  PRIMARY KEY (scope, item_no, colour, lot_no)
);

CREATE FUNCTION take_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.uom NOT IN ('kg', 'g', 'pc', 'box') THEN RAISE EXCEPTION '单位不存在 (unknown unit)' USING ERRCODE = 'P0001'; END IF;
  INSERT INTO mes_item VALUES (NEW.item_no, NEW.item_name, NEW.item_spec, NEW.uom, NEW.lot_ctrl, NEW.shelf_life, NEW.is_active, NEW.hub_key,
    timezone('Asia/Shanghai', clock_timestamp()))
  ON CONFLICT (item_no) DO UPDATE SET item_name = EXCLUDED.item_name, item_spec = EXCLUDED.item_spec, uom = EXCLUDED.uom, lot_ctrl = EXCLUDED.lot_ctrl,
    shelf_life = EXCLUDED.shelf_life, is_active = EXCLUDED.is_active, hub_key = EXCLUDED.hub_key, update_time = EXCLUDED.update_time;
  NEW.status := 'Y';
  RETURN NEW;
END $$;
CREATE TRIGGER take BEFORE INSERT OR UPDATE ON hub_in_item FOR EACH ROW WHEN (NEW.status = 'N') EXECUTE FUNCTION take_item();

CREATE FUNCTION take_lot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mes_item WHERE item_no = NEW.item_no) THEN RAISE EXCEPTION '料号不存在 (unknown item)' USING ERRCODE = 'P0001'; END IF;
  INSERT INTO mes_lot VALUES (NEW.lot_no, NEW.item_no, NEW.site, NEW.scope, NEW.colour, NEW.made_date, NEW.recv_date, NEW.exp_date, NEW.supplier_lot,
    NEW.qc_status, NEW.hub_key, timezone('Asia/Shanghai', clock_timestamp()))
  ON CONFLICT (scope, item_no, colour, lot_no) DO UPDATE SET made_date = EXCLUDED.made_date, recv_date = EXCLUDED.recv_date, exp_date = EXCLUDED.exp_date,
    supplier_lot = EXCLUDED.supplier_lot, qc_status = EXCLUDED.qc_status, hub_key = EXCLUDED.hub_key, update_time = EXCLUDED.update_time;
  NEW.status := 'Y';
  RETURN NEW;
END $$;
CREATE TRIGGER take BEFORE INSERT OR UPDATE ON hub_in_lot FOR EACH ROW WHEN (NEW.status = 'N') EXECUTE FUNCTION take_lot();
`;

/** What the documentation tells the MES administrator to grant to the hub. */
export const grants = (role: string): string => `
GRANT USAGE ON SCHEMA public TO ${role};
GRANT SELECT ON mes_item, mes_lot, mes_order, v_mes_movement, v_line_stock TO ${role};
GRANT SELECT, INSERT, UPDATE ON hub_in_item, hub_in_lot TO ${role};
`;
