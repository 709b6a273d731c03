import type { Store } from '../src/store/store.js';

/**
 * How many decisions and acts are on record. Refusals are left out: they are recorded beside their answers, so that one of
 * an earlier request may come in between.
 */
export async function actsOnRecord({ records }: Pick<Store, 'records'>): Promise<number> {
  const size = await records.size();
  let acts = 0;
  for (let sequence = 0; sequence < size; sequence += 1) {
    const found = await records.bySequence(sequence);
    if (JSON.parse(found?.bytes.toString() ?? '{}').kind !== 'refusal') acts += 1;
  }
  return acts;
}
