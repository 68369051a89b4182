/** Reads the expressions of the dashboard and of the alert rules with the grammar of Prometheus itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

export const rulesFile = join(process.cwd(), 'ops/prometheus/alerts.yaml');
const dashboardFile = join(process.cwd(), 'ops/grafana/lotbridge.json');

export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

export const alertRules = (): Rule[] =>
  (parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

export interface Panel {
  id: number;
  title: string;
  type: string;
  datasource: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; query: unknown }[] };
}

export const dashboard = (): Dashboard => JSON.parse(readFileSync(dashboardFile, 'utf8')) as Dashboard;

export interface Reading {
  /** Where the grammar does not hold. */
  wrong: string[];
  metrics: string[];
  /** Labels that are matched, or grouped by. */
  labels: string[];
}

export const readExpression = (text: string): Reading => {
  // Grafana fills these in.
  const expression = text.replaceAll('$__rate_interval', '5m');
  const found: Reading = { wrong: [], metrics: [], labels: [] };
  parser.parse(expression).iterate({
    enter({ type, from, to, node }) {
      const word = expression.slice(from, to);
      if (type.isError) found.wrong.push(`${expression} at ${from}`);
      else if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') found.metrics.push(word);
      else if (type.name === 'LabelName') found.labels.push(word);
    },
  });
  return found;
};
