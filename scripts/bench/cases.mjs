/**
 * What is measured in rounds, everybody in turn. A case has the workload that Witan gets (what the others get, they know
 * by its name), how many decisions a request asks for, and whether it is measured at every count of connections or
 * at one.
 */
import { BOXCAR_ITEMS, boxcar, described, registered, wide } from './workload.mjs';

export const CASES = [
  {
    name: 'bare',
    title: 'read, parse and answer, nothing else',
    workload: registered,
    decisions: 1,
    atEveryCount: true,
  },
  { name: 'single', title: 'one decision', workload: registered, decisions: 1, atEveryCount: true },
  {
    name: 'boxcar',
    title: `${BOXCAR_ITEMS} decisions in one request`,
    workload: boxcar,
    decisions: BOXCAR_ITEMS,
  },
  { name: 'metadata', title: 'metadata in the request', workload: described, decisions: 1 },
  { name: 'contract', title: 'a contract of 10 kB', workload: wide, decisions: 1 },
];
