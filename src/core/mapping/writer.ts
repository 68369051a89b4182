/** Writes a document of the hub as the record of one stream of a system. */
import type { Json } from '../json.js';
import { compileCondition, type Test } from './condition.js';
import type { Place } from './faults.js';
import type { Source } from './path.js';
import { compileFields, type RuleScope } from './rule.js';
import type { WholeWrite } from './writes.js';

export interface Writer {
  stream: string;
  rule: WholeWrite;
  accepts: Test;
  record(source: Source): { [key: string]: Json };
}

export const compileWriter = (stream: string, rule: WholeWrite, at: Place, scope: RuleScope): Writer => ({
  stream,
  rule,
  accepts: rule.when ? compileCondition(rule.when, [...at, 'when'], false, scope.faults) : () => true,
  record: compileFields(rule.record, [...at, 'record'], scope),
});
