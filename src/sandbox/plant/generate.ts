/** The simulated plant from a seed and a size: what happened, what each system has on record of it, and what is wrong. */
import { tell } from './beliefs.js';
import { expectedDocuments } from './expected.js';
import type { Fact, SystemName } from './fact.js';
import { describeFaults, masterFaults, type PlannedFault, plantFaults } from './faults.js';
import type { Plant, PlantOptions } from './model.js';
import { simulate } from './simulate.js';
import { oddBills } from './special-bills.js';
import { traceTruth } from './traces.js';
import { viewKingdee } from './view-kingdee.js';
import { viewMes } from './view-mes.js';
import { viewSap } from './view-sap.js';
import { viewWms } from './view-wms.js';

const generate = (options: PlantOptions, faulty: 'with faults' | 'without faults'): Plant => {
  const history = simulate(options);
  const beliefs = tell(history);
  oddBills(history, beliefs);
  const planned: PlannedFault[] = faulty === 'with faults' ? plantFaults(history, beliefs) : [];
  const documents: Record<SystemName, Map<Fact, string>> = {
    sap: new Map(),
    kingdee: new Map(),
    wms: new Map(),
    mes: new Map(),
  };
  const seeds = {
    sap: viewSap(history, beliefs.sap, documents.sap),
    kingdee: viewKingdee(history, beliefs.kingdee, documents.kingdee),
    wms: viewWms(history, beliefs.wms, documents.wms),
    mes: viewMes(history, beliefs.mes, documents.mes),
  };
  const faults = describeFaults(planned, documents);
  if (faulty === 'with faults') faults.push(...masterFaults(history, planned, seeds));
  return {
    options,
    goLive: history.goLive,
    ...seeds,
    truth: {
      seed: options.seed,
      goLive: history.goLive,
      faults,
      traces: traceTruth(history, planned, documents.wms),
      expectedDocuments: expectedDocuments(history, documents),
    },
  };
};

/** The same options give the same plant, byte for byte. */
export const generatePlant = (options: PlantOptions): Plant => generate(options, 'with faults');

/** The same plant where every system was told the truth: what the faults are measured against. */
export const generateFaultlessPlant = (options: PlantOptions): Plant => generate(options, 'without faults');
